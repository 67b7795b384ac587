//! The addresses of rules for events.

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Routes;

/// Those who say what events mean.
pub(super) fn rules_for_events() -> Routes {
    use super::admin::{
        by_tag, compliance, consent_type, currency_table, event_to_profile, event_type, function,
        reshaping, tracking_plan, validator, versions,
    };
    use super::api::held_events;
    OpenApiRouter::default()
        .routes(routes!(event_type::list))
        .routes(routes!(event_type::put))
        .routes(routes!(event_type::show, event_type::remove))
        .routes(routes!(event_type::built_in))
        .routes(routes!(event_to_profile::list))
        .routes(routes!(event_to_profile::of_type))
        .routes(routes!(event_to_profile::put))
        .routes(routes!(event_to_profile::show, event_to_profile::remove))
        .routes(routes!(validator::list))
        .routes(routes!(validator::put))
        .routes(routes!(validator::show, validator::remove))
        .routes(routes!(tracking_plan::list, tracking_plan::put))
        .routes(routes!(tracking_plan::show, tracking_plan::remove))
        .routes(routes!(currency_table::list, currency_table::put))
        .routes(routes!(currency_table::show, currency_table::remove))
        .routes(routes!(reshaping::list))
        .routes(routes!(reshaping::put))
        .routes(routes!(reshaping::show, reshaping::remove))
        .routes(routes!(function::list, function::put))
        .routes(routes!(function::show, function::remove))
        .routes(routes!(held_events::list))
        .routes(routes!(held_events::show, held_events::remove))
        .routes(routes!(held_events::release))
        .routes(routes!(compliance::list))
        .routes(routes!(compliance::put))
        .routes(routes!(compliance::show, compliance::remove))
        .routes(routes!(consent_type::list))
        .routes(routes!(consent_type::enabled))
        .routes(routes!(consent_type::put))
        .routes(routes!(consent_type::show, consent_type::remove))
        .routes(routes!(by_tag::consents))
        .routes(routes!(by_tag::consent_ids))
        .routes(routes!(by_tag::consents_by_tag))
        .routes(routes!(by_tag::mappings_by_tag))
        .routes(routes!(by_tag::types_of_type))
        .routes(routes!(by_tag::built_in))
        .routes(routes!(by_tag::refresh_consents))
        .routes(routes!(by_tag::refresh_types))
        .routes(routes!(by_tag::refresh_mappings))
        .routes(routes!(versions::list))
}
