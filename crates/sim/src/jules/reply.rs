//! What goes back over the wire, and Google's way of refusing (reference §1.6).

use super::call::Op;
use serde_json::{Value, json};

/// A reply before it is delivered: status, headers and bytes. Also what a fault can be told to
/// answer with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status code.
    pub status: u16,
    /// Header names and values, `content-type` among them.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// A JSON reply with this status.
    #[must_use]
    pub fn json(status: u16, body: &Value) -> Self {
        // Indented, as Google's front end writes JSON.
        let body = serde_json::to_vec_pretty(body).unwrap_or_default();
        Self::typed(status, "application/json; charset=UTF-8", body)
    }

    /// An HTML page with this status, as proxies and Google's front end answer.
    #[must_use]
    pub fn html(status: u16, text: &str) -> Self {
        let page = format!(
            "<!DOCTYPE html>\n<html lang=en>\n<title>Error {status}</title>\n\
             <p><b>{status}.</b> <ins>That’s an error.</ins>\n<p>{text}\n"
        );
        Self::typed(status, "text/html; charset=UTF-8", page.into_bytes())
    }

    /// A reply with a content type of its own.
    #[must_use]
    pub fn typed(status: u16, content_type: &str, body: Vec<u8>) -> Self {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        Self { status, headers, body }
    }

    /// The same reply with one more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// A `google.rpc.Status` on its way out: how the API says no.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refusal {
    code: u16,
    status: &'static str,
    message: String,
    details: Vec<Value>,
    retry_after: Option<String>,
}

impl Refusal {
    fn plain(code: u16, status: &'static str, message: impl Into<String>) -> Self {
        Self { code, status, message: message.into(), details: Vec::new(), retry_after: None }
    }

    /// 400 `INVALID_ARGUMENT` with one field violation; `field` is empty at the top of a message.
    pub(super) fn invalid(field: &str, description: impl Into<String>) -> Self {
        let text = description.into();
        let mut violation = json!({ "description": text });
        if !field.is_empty() {
            violation["field"] = json!(field);
        }
        let detail = json!({
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": [violation],
        });
        Self { details: vec![detail], ..Self::plain(400, "INVALID_ARGUMENT", text) }
    }

    /// 400 `FAILED_PRECONDITION`: limits used up, or a call in the wrong state. It never says why.
    pub(super) fn precondition() -> Self {
        Self::plain(400, "FAILED_PRECONDITION", "Precondition check failed.")
    }

    /// 401 with the misleading text of the live service, the same for no key and a wrong one.
    pub(super) fn unauthenticated(op: Op) -> Self {
        let detail = json!({
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "CREDENTIALS_MISSING",
            "domain": "googleapis.com",
            "metadata": {
                "method": format!("google.labs.jules.v1alpha.JulesService.{}", op.method_name()),
                "service": "jules.googleapis.com",
            },
        });
        let text = "API keys are not supported by this API. Expected OAuth2 access token or other \
                    authentication credentials that assert a principal. See \
                    https://cloud.google.com/docs/authentication";
        Self { details: vec![detail], ..Self::plain(401, "UNAUTHENTICATED", text) }
    }

    /// 403, for a source that the account may no longer use.
    pub(super) fn denied() -> Self {
        Self::plain(403, "PERMISSION_DENIED", "The caller does not have permission")
    }

    /// 404, for a session, activity or source that is not there (or not there yet).
    pub(super) fn not_found() -> Self {
        Self::plain(404, "NOT_FOUND", "Requested entity was not found.")
    }

    /// 429; a live one was never seen with `Retry-After`, so that is the exception.
    pub(super) fn exhausted(retry_after: Option<String>) -> Self {
        let text = "Resource has been exhausted (e.g. check quota).";
        Self { retry_after, ..Self::plain(429, "RESOURCE_EXHAUSTED", text) }
    }

    /// The envelope for a bare status code, for faults.
    pub(super) fn of_status(code: u16) -> Self {
        let (status, message) = match code {
            400 => ("INVALID_ARGUMENT", "Request contains an invalid argument."),
            401 => ("UNAUTHENTICATED", "Request had invalid authentication credentials."),
            403 => ("PERMISSION_DENIED", "The caller does not have permission"),
            404 => ("NOT_FOUND", "Requested entity was not found."),
            409 => ("ABORTED", "The operation was aborted."),
            429 => ("RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."),
            503 => ("UNAVAILABLE", "The service is currently unavailable."),
            504 => ("DEADLINE_EXCEEDED", "Deadline expired before operation could complete."),
            _ => ("INTERNAL", "Internal error encountered."),
        };
        Self::plain(code, status, message)
    }
}

impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Self {
        let mut error = json!({
            "code": refusal.code,
            "message": refusal.message,
            "status": refusal.status,
        });
        if !refusal.details.is_empty() {
            error["details"] = Value::Array(refusal.details);
        }
        let reply = Self::json(refusal.code, &json!({ "error": error }));
        match refusal.retry_after {
            Some(value) => reply.header("retry-after", &value),
            None => reply,
        }
    }
}
