//! What a source hears of people: named one by one, so that nothing is told by accident.

use serde::{Deserialize, Serialize};

use super::{Misfit, Reference};
use crate::model::{
    Audience, ComputedTrait, EVERY_AUDIENCE, HEARD_ROOTS, Path, ProfileView, Trust,
};

/// Most audiences, and most traits, that one source hears of.
const EACH_MAX: usize = 100;
const AUDIENCES: &str = "profile_view.audiences";
const TRAITS: &str = "profile_view.traits";

/// As it is stored in the body of a source.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct ProfileViewBody {
    #[serde(default)]
    audiences: Vec<String>,
    #[serde(default)]
    traits: Vec<String>,
}

impl ProfileViewBody {
    pub(super) fn is_empty(&self) -> bool {
        self.audiences.is_empty() && self.traits.is_empty()
    }
}

impl From<&ProfileView> for ProfileViewBody {
    fn from(view: &ProfileView) -> Self {
        let traits = view.traits.iter().map(ToString::to_string).collect();
        Self { audiences: view.audiences.clone(), traits }
    }
}

/// What a newer node has written and this one cannot read is not told.
impl From<ProfileViewBody> for ProfileView {
    fn from(body: ProfileViewBody) -> Self {
        let traits = body.traits.iter().filter_map(|path| Path::parse(path).ok()).collect();
        Self { audiences: body.audiences, traits }
    }
}

/// Whoever can open a page can send what it sends, and so hear what it hears: a page hears of what was
/// named, and of nothing that somebody adds later.
pub(super) fn check(view: &ProfileView, trust: Trust) -> Result<(), Misfit> {
    for (place, many) in [(AUDIENCES, view.audiences.len()), (TRAITS, view.traits.len())] {
        if many > EACH_MAX {
            return Err(Misfit::new(place, format!("must have at most {EACH_MAX}")));
        }
    }
    let is_all = view.audiences.iter().any(|named| named == EVERY_AUDIENCE);
    if is_all && trust != Trust::Trusted {
        let wanted = "must name each audience: only a trusted source hears of all of them";
        return Err(Misfit::new(AUDIENCES, wanted));
    }
    view.traits.iter().try_for_each(|path| check_trait(path, trust))
}

fn check_trait(path: &Path, trust: Trust) -> Result<(), Misfit> {
    let (root, below) = path.split_first().unwrap_or_default();
    if !HEARD_ROOTS.contains(&root) {
        let wanted = format!("must begin with one of {}", HEARD_ROOTS.join(", "));
        return Err(Misfit::new(TRAITS, wanted));
    }
    if root == "segments" && (trust != Trust::Trusted || !below.steps().is_empty()) {
        let wanted =
            "must not name segments: only a trusted source hears of all of them, as a list";
        return Err(Misfit::new(TRAITS, wanted));
    }
    if below.steps().is_empty() && root != "segments" {
        return Err(Misfit::new(TRAITS, "must each name something inside: traits.plan"));
    }
    Ok(())
}

/// The audiences and computed traits that it names.
pub(super) fn refers_to(view: &ProfileView) -> Vec<Reference> {
    let named = view.audiences.iter().filter(|named| *named != EVERY_AUDIENCE);
    let audiences = named.map(|id| Reference::to::<Audience>(id.as_str(), AUDIENCES));
    let computed = view.traits.iter().filter_map(|path| {
        let (_, below) = path.split_first().filter(|(root, _)| *root == "computed")?;
        let name = below.split_first()?.0.to_owned();
        Some(Reference::to::<ComputedTrait>(name, TRAITS))
    });
    audiences.chain(computed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(audiences: &[&str], traits: &[&str]) -> ProfileView {
        ProfileView {
            audiences: audiences.iter().map(ToString::to_string).collect(),
            traits: traits.iter().map(|path| Path::parse(path).unwrap()).collect(),
        }
    }

    #[test]
    fn a_page_hears_of_what_was_named_and_only_a_server_of_everything() {
        let all = view(&["*"], &[]);
        assert_eq!(check(&all, Trust::Trusted), Ok(()));
        for trust in [Trust::Public, Trust::Signed] {
            assert_eq!(check(&all, trust).map_err(|misfit| misfit.place), Err(AUDIENCES));
            assert_eq!(check(&view(&["vip"], &["traits.plan"]), trust), Ok(()));
        }
        for path in ["traits", "ids", "metadata.time.insert", "data"] {
            let misfit = check(&view(&[], &[path]), Trust::Trusted).unwrap_err();
            assert_eq!(misfit.place, TRAITS, "{path}");
        }
    }

    #[test]
    fn what_it_names_is_known_to_the_registry_and_what_is_stored_is_read_back() {
        let view = view(&["vip", "*"], &["computed.spent", "traits.plan"]);
        let named: Vec<_> = refers_to(&view).into_iter().map(|one| (one.kind, one.id)).collect();
        assert_eq!(named, [("audience", "vip".into()), ("computed_trait", "spent".into())]);
        let text = serde_json::to_string(&ProfileViewBody::from(&view)).unwrap();
        let body: ProfileViewBody = serde_json::from_str(&text).unwrap();
        assert_eq!(ProfileView::from(body), view);
    }
}
