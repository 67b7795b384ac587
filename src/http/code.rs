//! The catalogue of refusals: every code that a 4xx or 5xx may carry, one row each.

use std::time::Duration;

use axum::http::StatusCode as S;
use serde::Serialize;

use crate::admission::Refusal;
use crate::committer::Unavailable;

/// Why a request was refused: stable, for programs. `docs/api.md` says when each comes and what to do
/// about it; a test holds its table against this catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the rows of the catalogue say what each is")]
pub enum Code {
    SourceUnknown,
    SourceDisabled,
    SourceWrongBridge,
    OriginNotAllowed,
    BotRefused,
    ProfileIdRequired,
    PayloadInvalid,
    JsonTooDeep,
    BodyUnreadable,
    EncodingUnknown,
    BodyTooLarge,
    SourceRateExceeded,
    HeadInvalid,
    Overloaded,
    Contended,
    Stopping,
    RequestInvalid,
    StorageFull,
    StorageUnavailable,
    TooSlow,
    CredentialsWrong,
    CredentialsMissing,
    LoginAttempts,
    TotpRequired,
    TotpWrong,
    TotpState,
    NotAuthenticated,
    TokenInvalid,
    RoleMissing,
    TotpNeeded,
    UserInvalid,
    UserExists,
    LastAdministrator,
    KeyInvalid,
    TooManyKeys,
    OidcOff,
    OidcRefused,
    OidcUnavailable,
    ConsentDenied,
    ConsentInvalid,
    RedirectUnknown,
    RedirectInvalid,
    SourceInvalid,
    IdentityInvalid,
    RuleInvalid,
    FunctionTestsFailed,
    SavedInvalid,
    ListInvalid,
    AudienceInvalid,
    PreferencesInvalid,
    PeopleApart,
    InUse,
    MergeUndone,
    MergeOfRemoved,
    UndoTooLarge,
    RebuildRunning,
    RebuildNotReady,
    RebuildOutdated,
    RebuildTooLarge,
    VersionConflict,
    NotFound,
    NoSuchAddress,
    QuestionInvalid,
    QuestionTooLarge,
    QuestionBroke,
    QuestionNeedsTooManyFiles,
    QuestionTooSlow,
    QuestionsRunning,
    LakeUnavailable,
    AuditUnavailable,
    MethodNotAllowed,
    Defect,
}

/// A code, its status, its name, and what is said unless whoever refuses knows more.
struct Row(Code, S, &'static str, &'static str);

use Code as C;

#[rustfmt::skip]
const CATALOGUE: [Row; C::Defect as usize + 1] = [
    Row(C::SourceUnknown, S::UNAUTHORIZED, "source_unknown", "No event source has this id."),
    Row(C::SourceDisabled, S::UNAUTHORIZED, "source_disabled", "This event source is disabled."),
    Row(C::SourceWrongBridge, S::UNAUTHORIZED, "source_wrong_bridge",
        "This event source is of a type that may not send to this endpoint."),
    Row(C::OriginNotAllowed, S::UNAUTHORIZED, "origin_not_allowed",
        "This event source takes nothing from the page or backend that sent this."),
    Row(C::BotRefused, S::UNAUTHORIZED, "bot_refused", "Traffic from bot is not allowed."),
    Row(C::ProfileIdRequired, S::UNPROCESSABLE_ENTITY, "profile_id_required",
        "This event source brings profile ids of its own; the payload has no profile.id."),
    Row(C::PayloadInvalid, S::UNPROCESSABLE_ENTITY, "payload_invalid",
        "The payload does not fit; detail says where and why."),
    Row(C::JsonTooDeep, S::UNPROCESSABLE_ENTITY, "json_too_deep", "Objects and lists nest too deep."),
    Row(C::BodyUnreadable, S::UNPROCESSABLE_ENTITY, "body_unreadable",
        "The body is not what its Content-Encoding says."),
    Row(C::EncodingUnknown, S::UNSUPPORTED_MEDIA_TYPE, "encoding_unknown",
        "The Content-Encoding is none of gzip, deflate, br and identity, or too many of them."),
    Row(C::BodyTooLarge, S::PAYLOAD_TOO_LARGE, "body_too_large", "The body is too large."),
    Row(C::SourceRateExceeded, S::TOO_MANY_REQUESTS, "source_rate_exceeded",
        "This event source sends more than it may."),
    Row(C::HeadInvalid, S::BAD_REQUEST, "head_invalid",
        "The request has no Host, or more than one Host or Origin."),
    Row(C::Overloaded, S::SERVICE_UNAVAILABLE, "overloaded", "As many wait as may; try again later."),
    Row(C::Contended, S::SERVICE_UNAVAILABLE, "contended",
        "Other nodes change the same people at this moment."),
    Row(C::Stopping, S::SERVICE_UNAVAILABLE, "stopping", "The server is stopping."),
    Row(C::RequestInvalid, S::BAD_REQUEST, "request_invalid",
        "The address or its parameters cannot be read."),
    Row(C::StorageFull, S::SERVICE_UNAVAILABLE, "storage_full", "The disk or the database is full."),
    Row(C::StorageUnavailable, S::SERVICE_UNAVAILABLE, "storage_unavailable",
        "The database cannot be written to or read."),
    Row(C::TooSlow, S::REQUEST_TIMEOUT, "too_slow",
        "The request took too long. It may have been kept; send it again, with the same ids."),
    Row(C::CredentialsWrong, S::BAD_REQUEST, "credentials_wrong",
        "Authentication error: wrong user name or password."),
    Row(C::CredentialsMissing, S::UNPROCESSABLE_ENTITY, "credentials_missing",
        "A form with username and password is needed."),
    Row(C::LoginAttempts, S::TOO_MANY_REQUESTS, "login_attempts",
        "Too many attempts to sign in; wait a minute."),
    Row(C::TotpRequired, S::BAD_REQUEST, "totp_required",
        "The password is right; a one-time code is needed too, as `code`."),
    Row(C::TotpWrong, S::BAD_REQUEST, "totp_wrong",
        "The one-time code is wrong, too old, or was used already."),
    Row(C::TotpState, S::CONFLICT, "totp_state",
        "One-time codes are on already, or nothing was begun that could be confirmed."),
    Row(C::NotAuthenticated, S::UNAUTHORIZED, "not_authenticated", "Not authenticated"),
    Row(C::TokenInvalid, S::UNAUTHORIZED, "token_invalid", "Invalid authentication credentials"),
    Row(C::RoleMissing, S::FORBIDDEN, "role_missing", "None of your roles allows this."),
    Row(C::TotpNeeded, S::FORBIDDEN, "totp_needed",
        "Your role needs one-time codes: begin and confirm them at /user-account/totp first."),
    Row(C::UserInvalid, S::UNPROCESSABLE_ENTITY, "user_invalid", "The user does not fit."),
    Row(C::UserExists, S::CONFLICT, "user_exists", "There is a user of this e-mail address."),
    Row(C::LastAdministrator, S::CONFLICT, "last_administrator",
        "Not done: nobody would be left who may let others in."),
    Row(C::KeyInvalid, S::UNPROCESSABLE_ENTITY, "key_invalid", "The key does not fit."),
    Row(C::TooManyKeys, S::CONFLICT, "too_many_keys",
        "There are as many keys as there may be; revoke one that is not used."),
    Row(C::OidcOff, S::NOT_FOUND, "oidc_off", "No OpenID provider is set (accounts.oidc)."),
    Row(C::OidcRefused, S::FORBIDDEN, "oidc_refused",
        "The OpenID provider's word lets nobody in: no role, a disabled user, or no good sign-in."),
    Row(C::OidcUnavailable, S::SERVICE_UNAVAILABLE, "oidc_unavailable",
        "The OpenID provider cannot be reached, or does not answer as one does."),
    Row(C::ConsentDenied, S::FORBIDDEN, "consent_denied", "Access denied"),
    Row(C::ConsentInvalid, S::UNPROCESSABLE_ENTITY, "consent_invalid",
        "The body has no source.id, session.id, profile.id and consents by their ids."),
    Row(C::RedirectUnknown, S::NOT_FOUND, "redirect_unknown", "Not Found"),
    Row(C::RedirectInvalid, S::UNPROCESSABLE_ENTITY, "redirect_invalid", "The redirect does not fit."),
    Row(C::SourceInvalid, S::UNPROCESSABLE_ENTITY, "source_invalid", "The event source does not fit."),
    Row(C::IdentityInvalid, S::UNPROCESSABLE_ENTITY, "identity_invalid",
        "The rules of identity do not fit."),
    Row(C::RuleInvalid, S::UNPROCESSABLE_ENTITY, "rule_invalid", "The rule does not fit."),
    Row(C::FunctionTestsFailed, S::UNPROCESSABLE_ENTITY, "function_tests_failed",
        "The function does not make of its tests what they expect; detail says where."),
    Row(C::SavedInvalid, S::UNPROCESSABLE_ENTITY, "saved_invalid",
        "The question or dashboard does not fit."),
    Row(C::ListInvalid, S::UNPROCESSABLE_ENTITY, "list_invalid", "The list of people does not fit."),
    Row(C::AudienceInvalid, S::UNPROCESSABLE_ENTITY, "audience_invalid",
        "The audience or the computed trait does not fit."),
    Row(C::PreferencesInvalid, S::UNPROCESSABLE_ENTITY, "preferences_invalid",
        "Preferences are one object of JSON."),
    Row(C::PeopleApart, S::CONFLICT, "people_apart",
        "They differ in what a person has one of, and cannot be one."),
    Row(C::InUse, S::CONFLICT, "in_use", "Not removed: something refers to it."),
    Row(C::MergeUndone, S::CONFLICT, "merge_undone", "The merger was taken back before."),
    Row(C::MergeOfRemoved, S::CONFLICT, "merge_of_removed",
        "Somebody of whom the merger was is removed, and those who are left cannot be told apart."),
    Row(C::UndoTooLarge, S::UNPROCESSABLE_ENTITY, "undo_too_large",
        "More has come since the merger than can be folded again."),
    Row(C::RebuildRunning, S::CONFLICT, "rebuild_running", "A rebuild is under way."),
    Row(C::RebuildNotReady, S::CONFLICT, "rebuild_not_ready",
        "The rebuild is not in the state that this needs; read it again."),
    Row(C::RebuildOutdated, S::CONFLICT, "rebuild_outdated",
        "The rules of identity have changed since; begin a new rebuild."),
    Row(C::RebuildTooLarge, S::UNPROCESSABLE_ENTITY, "rebuild_too_large",
        "More people were named or merged than can be looked at."),
    Row(C::VersionConflict, S::PRECONDITION_FAILED, "version_conflict",
        "It has another version by now; read it again."),
    Row(C::NotFound, S::NOT_FOUND, "not_found", "There is nothing of this id."),
    Row(C::NoSuchAddress, S::NOT_FOUND, "no_such_address", "Not Found"),
    Row(C::QuestionInvalid, S::UNPROCESSABLE_ENTITY, "question_invalid",
        "The question cannot be read or answered."),
    Row(C::QuestionTooLarge, S::UNPROCESSABLE_ENTITY, "question_too_large",
        "The question needs more memory than questions may take."),
    Row(C::QuestionBroke, S::UNPROCESSABLE_ENTITY, "question_broke",
        "The question ended the process that was answering it."),
    Row(C::QuestionNeedsTooManyFiles, S::UNPROCESSABLE_ENTITY, "question_needs_too_many_files",
        "The question needs more files than there may be on this machine."),
    Row(C::QuestionTooSlow, S::REQUEST_TIMEOUT, "question_too_slow",
        "The question took longer than it may and was stopped."),
    Row(C::QuestionsRunning, S::SERVICE_UNAVAILABLE, "questions_running",
        "As many questions are being answered as may be; ask again later."),
    Row(C::LakeUnavailable, S::SERVICE_UNAVAILABLE, "lake_unavailable",
        "The files of history cannot be read or written now."),
    Row(C::AuditUnavailable, S::SERVICE_UNAVAILABLE, "audit_unavailable",
        "The audit log cannot be written, and nothing is done that it would not remember."),
    Row(C::MethodNotAllowed, S::METHOD_NOT_ALLOWED, "method_not_allowed", "Method Not Allowed"),
    Row(C::Defect, S::INTERNAL_SERVER_ERROR, "defect", "Kith has a defect; its log says more."),
];

/// How many seconds to wait after which codes.
const WAITS: [(u64, &[Code]); 4] = [
    (1, &[C::Overloaded, C::Contended, C::QuestionsRunning]),
    (2, &[C::Stopping]),
    (5, &[C::StorageFull, C::StorageUnavailable, C::LakeUnavailable, C::OidcUnavailable]),
    (60, &[C::LoginAttempts]),
];

/// The rows stand in the order of the codes, so a code finds its own by number.
const _: () = {
    let mut row = 0;
    while row < CATALOGUE.len() {
        assert!(CATALOGUE[row].0 as usize == row, "a row is missing or stands elsewhere");
        row += 1;
    }
};

impl Code {
    /// What clients see.
    #[must_use]
    pub fn status(self) -> S {
        CATALOGUE[self as usize].1
    }

    /// As answers, metrics and logs write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        CATALOGUE[self as usize].2
    }

    /// What is said to people, unless whoever refuses knows more.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        CATALOGUE[self as usize].3
    }

    /// How long to wait before asking again, where asking again helps.
    #[must_use]
    pub(super) fn wait(self) -> Option<Duration> {
        let found = WAITS.iter().find(|(_, codes)| codes.contains(&self));
        found.map(|(seconds, _)| Duration::from_secs(*seconds))
    }

    /// Whether a token would help.
    pub(super) fn asks_for_a_token(self) -> bool {
        matches!(self, C::NotAuthenticated | C::TokenInvalid)
    }
}

impl From<&Refusal> for Code {
    fn from(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::UnknownSource => C::SourceUnknown,
            Refusal::DisabledSource => C::SourceDisabled,
            Refusal::WrongBridge => C::SourceWrongBridge,
            Refusal::OriginNotAllowed => C::OriginNotAllowed,
            Refusal::Bot => C::BotRefused,
            Refusal::ProfileIdRequired => C::ProfileIdRequired,
            Refusal::TooMany(_) => C::SourceRateExceeded,
        }
    }
}

/// The committer counts under the same names, which it cannot take from here; a test compares them.
impl From<Unavailable> for Code {
    fn from(why: Unavailable) -> Self {
        match why {
            Unavailable::Overloaded => C::Overloaded,
            Unavailable::Full => C::StorageFull,
            Unavailable::Storage => C::StorageUnavailable,
            Unavailable::Contended => C::Contended,
            Unavailable::Stopping => C::Stopping,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use utoipa::PartialSchema as _;

    use super::*;

    const MANUAL: &str = include_str!("../../docs/api.md");

    /// Every code there is, from its schema, which cannot forget one.
    fn all() -> Vec<Code> {
        let schema = serde_json::to_value(Code::schema()).unwrap();
        serde_json::from_value(schema["enum"].clone()).unwrap()
    }

    /// The rows of the manual's table of refusals: code and status.
    fn manual() -> BTreeMap<String, u16> {
        let section = MANUAL.split("## 5. Refusals").nth(1).unwrap().split("\n## ").next().unwrap();
        let rows = section.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" | `"));
        rows.filter_map(|(status, rest)| {
            Some((rest.split_once('`')?.0.to_owned(), status.parse().ok()?))
        })
        .collect()
    }

    #[test]
    fn the_manual_has_each_code_with_its_status_and_no_other() {
        let ours: BTreeMap<String, u16> =
            all().iter().map(|code| (code.as_str().to_owned(), code.status().as_u16())).collect();
        assert_eq!(manual(), ours);
    }

    #[test]
    fn a_code_is_called_the_same_in_every_place() {
        for code in all() {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
        let all = [
            Unavailable::Overloaded,
            Unavailable::Full,
            Unavailable::Storage,
            Unavailable::Contended,
            Unavailable::Stopping,
        ];
        all.iter().for_each(|why| assert_eq!(Code::from(*why).as_str(), why.code()));
    }
}
