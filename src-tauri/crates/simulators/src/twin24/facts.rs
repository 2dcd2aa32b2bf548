//! What operators have done to a session, for whoever wrote its script.

use crate::Moment;

/// Something that happened to or was done by an operator, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct OperatorFact {
    /// E-mail.
    pub operator: String,
    /// When.
    pub at: Moment,
}

/// A message of an operator.
#[derive(Clone, Debug, PartialEq)]
pub struct SentMessage {
    /// Id.
    pub id: String,
    /// E-mail of the author; for an edit of who edited.
    pub operator: String,
    /// The text, empty without.
    pub body: String,
    /// Ids of files.
    pub attachments: Vec<String>,
    /// The message that it answers.
    pub reply_to: Option<String>,
    /// When.
    pub at: Moment,
}

/// Where a session was handed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandoverTarget {
    /// E-mail.
    Operator(String),
    /// The group's name.
    Group(String),
}

/// A session was handed over.
#[derive(Clone, Debug, PartialEq)]
pub struct Handover {
    /// E-mail of who did it.
    pub by: String,
    /// To whom.
    pub to: HandoverTarget,
    /// When.
    pub at: Moment,
}

/// The end of a session.
#[derive(Clone, Debug, PartialEq)]
pub struct Closing {
    /// E-mail of the operator; the client without.
    pub by: Option<String>,
    /// `result` of the request.
    pub result: Option<String>,
    /// When.
    pub at: Moment,
}

/// Everything that has happened to a session.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionFacts {
    /// Who got it, in order.
    pub assigned: Vec<OperatorFact>,
    /// When it came into help.
    pub help: Vec<Moment>,
    /// Who was added beside the one who has it.
    pub added: Vec<OperatorFact>,
    /// Who was taken out.
    pub removed: Vec<OperatorFact>,
    /// Messages of operators.
    pub sent: Vec<SentMessage>,
    /// Edits, as the message was afterwards.
    pub edited: Vec<SentMessage>,
    /// Deleted messages: who and the id.
    pub deleted: Vec<(String, String)>,
    /// Messages that operators marked as read: who and the id.
    pub read: Vec<(String, String)>,
    /// New names: who and the name.
    pub renamed: Vec<(String, String)>,
    /// Hand-overs by operators.
    pub handed_over: Vec<Handover>,
    /// Marked as spam, or not any more: who and which.
    pub spam: Vec<(String, bool)>,
    /// The client was banned, or not any more: who and which.
    pub banned: Vec<(String, bool)>,
    /// The end.
    pub closed: Option<Closing>,
}
