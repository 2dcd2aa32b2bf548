//! Errors of the service: section 3.5.

use serde_json::Value;

use super::basics::open_enum;

open_enum!(
    /// Exception names; `Other` keeps one this client does not know.
    ErrorCode {
        Unauthorized = "UnauthorizedException",
        AccessDenied = "AccessDeniedException",
        InvalidState = "InvalidStateException",
        BadEndpoint = "BadEndpointException",
        InvalidAgentArn = "InvalidAgentARNException",
        InvalidConfiguration = "InvalidConfigurationException",
        InvalidContactType = "InvalidContactTypeException",
        Pagination = "PaginationException",
        RefreshTokenExpired = "RefreshTokenExpiredException",
        SendDataFailed = "SendDataFailedException",
        QuotaExceeded = "QuotaExceededException",
        InternalService = "InternalServiceError",
        Validation = "ValidationException",
        Conflict = "ConflictException",
        ResourceNotFound = "ResourceNotFoundException",
        ServiceQuota = "ServiceQuotaExceededException",
        SoftphoneLimit = "SoftphoneConnectionLimitBreachedException",
        Throttling = "ThrottlingException",
        UnknownError = "UnknownError",
    }
);

/// A status other than 200, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceError {
    /// HTTP status.
    pub status: u16,
    /// Exception name.
    pub code: ErrorCode,
    /// The service's text.
    pub message: String,
    /// For the vendor's support, when given.
    pub request_id: Option<String>,
}

/// Names the vendor's SDK counts as throttling, besides status 429.
const THROTTLING: [&str; 9] = [
    "Throttling",
    "ThrottlingException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "EC2ThrottledException",
];

impl ServiceError {
    /// Reads an error response. A `__type` or `code` in the body overrides the
    /// header; both lose a name space before `#`, the header what follows `:`.
    pub fn read(status: u16, headers: &http::HeaderMap, body: &[u8]) -> Self {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let body: Option<Value> = serde_json::from_slice(body).ok();
        let member = |names: &[&str]| -> Option<String> {
            let object = body.as_ref()?.as_object()?;
            names.iter().find_map(|name| object.get(*name)?.as_str()).map(str::to_owned)
        };
        let from_header =
            header("x-amzn-errortype").map(|text| text.split([':', ',']).next().unwrap_or(text).to_owned());
        let name = member(&["__type", "code", "Code"]).or(from_header).unwrap_or_else(|| "UnknownError".to_owned());
        let name = name.rsplit('#').next().unwrap_or(&name);
        let message = member(&["message", "Message"]).unwrap_or_else(|| {
            http::StatusCode::from_u16(status)
                .ok()
                .and_then(|status| status.canonical_reason())
                .unwrap_or("no message")
                .to_owned()
        });
        Self { status, code: ErrorCode::from(name), message, request_id: header("x-amzn-requestid").map(str::to_owned) }
    }

    /// The token is missing, wrong or over.
    pub fn is_unauthorized(&self) -> bool {
        self.status == 401 || self.code == ErrorCode::Unauthorized
    }

    /// No right.
    pub fn is_access_denied(&self) -> bool {
        !self.is_unauthorized() && (self.status == 403 || self.code == ErrorCode::AccessDenied)
    }

    /// The service asks to slow down.
    pub fn is_throttling(&self) -> bool {
        self.status == 429 || THROTTLING.contains(&self.code.as_str())
    }

    /// The service's own failure.
    pub fn is_server_failure(&self) -> bool {
        !self.is_throttling() && (self.status >= 500 || self.code == ErrorCode::InternalService)
    }

    /// Too many softphone sessions of this agent. The name may stand in the text only.
    pub fn is_softphone_limit(&self) -> bool {
        const NAME: &str = "SoftphoneConnectionLimitBreachedException";
        self.code == ErrorCode::SoftphoneLimit || self.message.contains(NAME)
    }

    /// It contradicts what is there already.
    pub fn is_conflict(&self) -> bool {
        self.status == 409 || self.code == ErrorCode::Conflict
    }

    /// Worth the same request again later.
    pub fn is_transient(&self) -> bool {
        self.is_throttling() || self.is_server_failure()
    }
}
