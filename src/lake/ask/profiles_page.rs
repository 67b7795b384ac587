//! People that are looked for, those seen last first, page by page.

use serde::{Deserialize, Serialize};

use super::breakdown::of_people;
use super::newest::{Table, rows};
use super::scope::within;
use super::{Invalid, Page, Part, Question, Scope, condition, fields};
use crate::conditions::{Condition, Language, Operand, Sign, Test, Text, Tree, Value};
use crate::lake::engine::literal;
use crate::lake::{LakeError, Moment, Span};
use crate::model::{Map, Number, Path, Shown, Time};

/// The table, by the last visit.
const PROFILES: Table<'static> = Table { name: "profiles", time: "coalesce(last_visit, created)" };
/// Where an e-mail address may stand.
const EMAILS: [&str; 3] = ["main", "private", "business"];

/// Whom to look for: all that is given must hold.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Search {
    /// Any id the person ever had.
    pub id: Option<String>,
    /// Any of their e-mail addresses, in any case.
    pub email: Option<String>,
    /// What stands at a place of theirs.
    pub value: Option<ValueAt>,
    /// Their last visit was not before this moment.
    pub seen_from: Option<Time>,
    /// Their last visit was before this moment.
    pub seen_to: Option<Time>,
    /// They did any of these events.
    pub did: Option<Scope>,
}

/// A value and where it stands, as a condition of SQL.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ValueAt(String);

impl ValueAt {
    /// That this value stands at `path`, a place in the traits or the data: as filters of history compare,
    /// so that `5` finds 5.0. Where a list stands, it is among it. Where nobody has said anything, what people's
    /// documents have there counts.
    ///
    /// # Errors
    /// [`Invalid`] when people have no such place.
    pub fn read(path: &str, value: String, now: Time) -> Result<Self, Invalid> {
        let place = of_people(path)?;
        let (column, within) = fields::column(&place)?;
        let json = fields::json(column, within);
        let number = Number::parse(&value);
        let unset = is_unset(column.name, within, number);
        let left = Operand { function: None, place };
        let number = number.map(Value::Number);
        let text = Value::Text(Text::new(value));
        let is = |test| {
            let tree = Tree::Test(test);
            condition::sql(&Condition { language: Language::History, tree }, now)
        };
        let (sign, right) = (Sign::Equal, text.clone());
        let equal = is(Test::Compare { left: left.clone(), sign, right })?;
        let members = std::iter::once(text).chain(number);
        let among = members.map(|one| is(Test::Contains(left.clone(), one)));
        let among: Result<Vec<String>, _> = among.collect();
        let among = among?.join(" OR ");
        let unset = if unset { format!(" OR {json} IS NULL") } else { String::new() };
        Ok(Self(format!("({equal} OR (json_type({json}) = 'ARRAY' AND ({among})){unset})")))
    }
}

/// Whether this is what the documents of people have there of whom nothing is said: no text is.
fn is_unset(root: &str, within: &Path, number: Option<Number>) -> bool {
    let nothing = Map::new();
    let unset = Shown::at(root, &nothing, within).unset.and_then(serde_json::Value::as_number);
    let order = number.zip(unset).and_then(|(number, unset)| number.order(unset.into()));
    order == Some(std::cmp::Ordering::Equal)
}

impl Search {
    fn sql(&self) -> String {
        let mut parts = vec!["true".to_owned()];
        parts.extend(self.id.as_ref().map(|id| format!("list_contains(ids, {})", literal(id))));
        if let Some(email) = &self.email {
            let any = EMAILS.map(|place| format!("lower(data->'contact'->'email'->>'{place}')"));
            let email = literal(&email.trim().to_lowercase());
            parts.push(format!("{email} IN ({})", any.join(", ")));
        }
        parts.extend(self.value.iter().map(|ValueAt(sql)| sql.clone()));
        parts.extend(within("last_visit", self.seen_from, self.seen_to));
        parts.extend(
            self.did
                .as_ref()
                .map(|did| format!("id IN (SELECT profile_id FROM events WHERE {})", did.sql())),
        );
        parts.join(" AND ")
    }
}

/// A page of people.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProfilesPage {
    /// Whom.
    pub search: Search,
    /// Which of them.
    pub part: Part,
}

/// A person, as the table `profiles` has them. Times are as RFC 3339 writes them.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProfileRow {
    /// The id that lives.
    pub id: String,
    /// Every id the person ever had.
    pub ids: Vec<String>,
    /// The main key of theirs, if they have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub primary_id: Option<String>,
    /// Their main e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub email: Option<String>,
    /// When they came for the first time.
    pub created: String,
    /// When something of theirs changed last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub updated: Option<String>,
    /// How many visits there were.
    pub visits: u64,
    /// When the last visit began.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub last_visit: Option<String>,
    /// When the one before began.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub previous_visit: Option<String>,
    /// Where they are, such as `Europe/Warsaw`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub time_zone: Option<String>,
    /// Whether they are a customer still.
    pub active: bool,
    /// The segments they are in.
    pub segments: Vec<String>,
    /// What they are interested in, and how much.
    #[schema(value_type = BTreeMap<String, Value>)]
    pub interests: Map,
    /// What they have agreed to.
    #[schema(value_type = BTreeMap<String, Value>)]
    pub consents: Map,
    /// What is known of them, as their events have it.
    #[schema(value_type = BTreeMap<String, Value>)]
    pub traits: Map,
    /// What is known of them, in its fixed places.
    #[schema(value_type = BTreeMap<String, Value>)]
    pub data: Map,
    /// What was counted.
    #[schema(value_type = BTreeMap<String, Value>)]
    pub stats: Map,
}

impl Question for ProfilesPage {
    type Answer = Page<ProfileRow>;

    fn span(&self) -> Span {
        self.search.did.as_ref().map_or(Span::NEVER, Scope::span)
    }

    fn answer(self, moment: &Moment) -> Result<Page<ProfileRow>, LakeError> {
        rows(moment, &PROFILES, &self.search.sql(), &self.part)
    }
}
