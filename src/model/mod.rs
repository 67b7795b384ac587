//! The nouns: what a payload, a profile, a session and an event are. No I/O, no JSON shapes.

mod bits;
mod fixed;
pub mod fixed_tree;
mod form;
mod id;
mod time;
mod written;
mod zone;
mod json;
mod json_text;
mod members;
mod pick;
mod masking;
mod path;
mod unmeant;
pub mod dotted;
mod seek;
mod secrets;
mod source;
mod profile_view;
mod redirect;
mod saved;
mod visitor;
mod draw;
mod seals;
mod payload;
mod identifier;
mod identity;
mod rules;
mod mapping;
mod decimal;
mod sum;
mod number;
mod same;
mod currency;
mod event_type;
mod validation;
mod reshape;
mod privacy;
mod consent;
mod consent_end;
mod consent_log;
mod order;
mod keep;
mod sighting;
mod tallies;
mod tally;
mod told_apart;
mod truth;
mod unset;
mod standing;
mod measure;
mod audience;
mod origin;
mod profile;
mod session;
mod event;
mod referrer;
mod warning;

pub use audience::{Audience, ComputedTrait, CountedSince, Segment};
pub(crate) use bits::Bits;
pub use consent::ConsentWord;
pub use consent_end::ConsentEnd;
pub use consent_log::{CONSENT_FIRSTS_MAX, CONSENT_OTHERS_MAX, ConsentLog, ConsentsSaid};
pub use currency::{Amount, Conversion, ConvertedTo, CurrencyTable, Rate, Rates};
pub use decimal::Decimal;
pub use draw::{Added, Draw};
pub use event::{Event, Hit};
pub use event_type::{EventToProfile, EventType};
pub use fixed::{FIXED_MAX, Fixed};
pub use fixed_tree::{Place, Takes};
pub use form::{kept_id, kept_type, lower_case, part_of_type};
pub use id::{EventId, ID_BYTES_MAX, Id, ProfileId, SessionId, SourceId, is_uuid};
pub use identifier::{Identifier, IdentifierKey, Mark, Namespace};
pub use identity::{
    Country, Guards, IdentityRules, IdentitySettings, Links, MEANINGLESS_MAX, NamespaceRules,
    Normalise, Pattern, PatternUnfit, PublicMode, ReadFrom, Trust, VALUES_MAX_MOST, is_invisible,
    said, said_at, says_nothing,
};
pub use json::{JSON_DEPTH_READABLE, Json, Map, TooDeep, whole_if_it_is};
pub use json_text::{as_kept, is_beyond_floats, with_whole_pairs};
pub use keep::{Keep, TallyKey};
pub use mapping::{Mapped, Mapping, MapsFrom, MapsTo, Met, Part, Way, When};
pub use masking::{HIDDEN, MASKED_ROOTS, Masking, made_of};
pub use measure::{Marks, Measure, MeasureOf, OfPlace};
pub use number::Number;
pub use order::{CURRENCIES_MAX, Millionths, ORDERS_MAX, Order, Orders, Told, Totals};
pub use origin::{check_origin, is_of_pages, names_origin};
pub use path::{NoPath, PATH_BYTES_MAX, PATH_KEYS_MAX, Path, Step};
pub use payload::{
    EventOptions, Found, Hidden, LeftOut, Options, Passed, Payload, PayloadEvent, Private,
    PrivateVisit, Vouched,
};
pub use privacy::{Compliance, ConsentType, PrivateAction, PrivateField, PrivatePart};
pub use profile::{
    APART_MAX, FieldChange, Keeps, LIST_VALUES_MAX, MergesOfDay, NAMES_MAX, Profile, Visits,
};
pub use profile_view::{EVERY_AUDIENCE, HEARD_ROOTS, ProfileView};
pub use redirect::Redirect;
pub use referrer::{Referrer, ReferrerKind};
pub use reshape::{Assigned, Function, Made, Reshaping, Sample, Split};
pub use rules::{Change, EventRules, Identifying, Layer, Operation, RuleSet};
pub use same::{is_same, same_text};
pub use saved::{About, Dashboard, SavedQuestion, Tile};
pub use seals::{PASS_SECONDS_MAX, Seals};
pub use secrets::{SECRET_NAME_BYTES_MAX, SECRET_NAMES_MAX, UrlSecrets};
pub use session::{Link, Session, Status};
pub use sighting::{Sighting, Worth};
pub use source::{Bridge, Crawlers, Source, Webhook};
pub use standing::{
    Because, Crossing, Entering, InSegments, Membership, Seen, Settled, Sighted, Touched, Watching,
    mark,
};
pub use sum::{negated, sum};
pub use tallies::Tallies;
pub use tally::{
    Counts, SIGHTINGS_MAX, SUMS_MAX, Sums, TEXT_BYTES_MAX, TEXT_OF_MANY_BYTES_MAX, Tally,
};
pub use time::Time;
pub use told_apart::ToldApart;
pub use truth::{truth, truth_of_text};
pub(crate) use unset::lay_over;
pub use unset::{Shown, document_of};
pub use validation::{HeldEvent, OnMisfit, TrackingPlan, Validator};
pub use visitor::{App, Client, Device, Geo, Os, Remembered, Utm, Visitor};
pub use warning::Warning;
pub use zone::{Move, NoZone, Zone};

#[cfg(test)]
pub(crate) use tallies::tests as tests_of_tallies;
