//! Whether a schema comes to an end: one that leads back to itself before it looks further into a value does not.

use super::keywords::{At, Keyword, Node};

/// A subschema that asks itself of the very value that it is asked of.
pub(super) fn circle(nodes: &[Node]) -> Option<At> {
    let mut walk = Walk { nodes, seen: vec![Seen::Never; nodes.len()] };
    (0..nodes.len()).find_map(|at| walk.from(at))
}

#[derive(Clone, Copy, PartialEq)]
enum Seen {
    Never,
    OnTheWay,
    Ends,
}

struct Walk<'a> {
    nodes: &'a [Node],
    seen: Vec<Seen>,
}

impl Walk<'_> {
    /// No deeper than there are subschemas, of which there is a bound.
    fn from(&mut self, at: At) -> Option<At> {
        match self.seen.get(at)? {
            Seen::OnTheWay => return Some(at),
            Seen::Ends => return None,
            Seen::Never => {}
        }
        self.mark(at, Seen::OnTheWay);
        let found = asked(self.nodes.get(at)?).into_iter().find_map(|next| self.from(next));
        self.mark(at, Seen::Ends);
        found
    }

    fn mark(&mut self, at: At, seen: Seen) {
        if let Some(slot) = self.seen.get_mut(at) {
            *slot = seen;
        }
    }
}

/// The subschemas that are asked of the same value.
fn asked(node: &Node) -> Vec<At> {
    let Node::All(keywords) = node else { return Vec::new() };
    keywords.iter().flat_map(of_the_same).collect()
}

#[expect(clippy::wildcard_enum_match_arm, reason = "others ask of parts of the value, or nobody")]
fn of_the_same(keyword: &Keyword) -> Vec<At> {
    match keyword {
        Keyword::Ref(at) | Keyword::Not(at) => vec![*at],
        Keyword::AllOf(list) | Keyword::AnyOf(list) | Keyword::OneOf(list) => list.clone(),
        Keyword::If { is, then, or } => [Some(*is), *then, *or].into_iter().flatten().collect(),
        Keyword::DependentSchemas(named) => named.iter().map(|(_, at)| *at).collect(),
        _ => Vec::new(),
    }
}
