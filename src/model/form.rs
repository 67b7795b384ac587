//! The one form in which types and ids are kept, however they were written.
//!
//! Whoever names one that is kept puts it into this form first: where they come in, in rules, in filters, in
//! parameters.

/// An event type as it is kept: in lower case, with dashes.
#[must_use]
pub fn kept_type(written: &str) -> String {
    part_of_type(written.trim())
}

/// A part of an event type, whose ends are not the type's: what a text begins with, or holds.
#[must_use]
pub fn part_of_type(written: &str) -> String {
    written.to_lowercase().replace(' ', "-")
}

/// The id of a source or of an event as it is kept: in lower case.
#[must_use]
pub fn kept_id(written: &str) -> String {
    written.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_form_stays_as_it_is() {
        assert_eq!(kept_type(" Order Placed "), "order-placed");
        assert_eq!(kept_type("order-placed"), "order-placed");
        assert_eq!(part_of_type("Order "), "order-");
        assert_eq!(kept_id(" Shop "), "shop");
    }
}
