use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use trunkline_model::{
    AccountId, Agent, ArchivePage, CannedMessage, Challenge, CommandId, Contact, ContactId, ContactState, Conversation,
    ConversationState, CustomerCard, CustomerPage, Link, LinkState, Message, MessageToken, Notice, Outcome, PastPage,
    PlatformEvent, RosterEntry, Supervision, TaskTemplate, TaskTemplateEntry, TaskTemplateId, WorkList,
};

use super::{ConformanceFixture, LogLines, Seat};
use crate::ports::{ProgramFailure, Programs, Progress, Secret};
use crate::{
    Command, CommandError, CommandRequest, Context, Ended, EndpointList, Envelope, Event, EventSink, FetchedFile,
    Lookup, OutgoingContent,
};

/// How long an expectation waits: long enough for a loaded computer.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// What a desk would know after the events so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    /// Connection.
    pub link: Link,
    /// Agent.
    pub agent: Option<Agent>,
    /// Contacts.
    pub contacts: BTreeMap<ContactId, Contact>,
    /// How contacts that are gone ended.
    pub gone: BTreeMap<ContactId, Option<Outcome>>,
    /// Frames of conversations.
    pub conversations: BTreeMap<ContactId, Conversation>,
    /// Items of conversations, each id once, in the platform's order.
    pub messages: BTreeMap<ContactId, Vec<Message>>,
    /// Events of the platform's own, each id once, in the order they came.
    pub platform_events: Vec<PlatformEvent>,
    /// Times that one came again.
    pub repeated_events: usize,
    /// Who is online.
    pub roster: Vec<RosterEntry>,
    /// Lists to take work from.
    pub work_lists: Vec<WorkList>,
    /// What is asked for while signing in.
    pub challenge: Option<Challenge>,
    /// Messages shown.
    pub notices: BTreeMap<String, Notice>,
    /// Whole pictures so far.
    pub resyncs: usize,
    repeated: Option<BTreeSet<ContactId>>,
}

impl Picture {
    fn apply(&mut self, event: Event) {
        match event {
            Event::Link(link) => self.link = link,
            Event::Route(_) | Event::Serving(_) => {}
            Event::Challenge(challenge) => self.challenge = challenge.map(|challenge| *challenge),
            Event::ResyncStart => {
                assert!(self.repeated.is_none(), "a resync began inside a resync");
                self.repeated = Some(BTreeSet::new());
            }
            Event::ResyncEnd => {
                let repeated = self.repeated.take().expect("a resync ended that had not begun");
                self.contacts.retain(|id, _| repeated.contains(id));
                self.resyncs += 1;
            }
            Event::Agent(agent) => self.agent = Some(*agent),
            Event::Contact(contact) => {
                match &mut self.repeated {
                    Some(repeated) => drop(repeated.insert(contact.id.clone())),
                    None => assert!(
                        self.contacts.get(&contact.id) != Some(&contact),
                        "a contact was sent again although nothing had changed and no resync is under way"
                    ),
                }
                self.contacts.insert(contact.id.clone(), *contact);
            }
            Event::ContactGone { contact, outcome } => {
                assert!(self.contacts.remove(&contact).is_some(), "a contact is gone that was never there");
                self.conversations.remove(&contact);
                self.messages.remove(&contact);
                self.gone.insert(contact, outcome);
            }
            Event::Conversation { contact, conversation } => {
                assert!(self.contacts.contains_key(&contact), "a conversation of a contact that is not there");
                self.conversations.insert(contact, *conversation);
            }
            Event::Message { contact, message } => {
                assert!(self.conversations.contains_key(&contact), "a message came before its conversation");
                let messages = self.messages.entry(contact).or_default();
                match messages.iter_mut().find(|known| known.id == message.id) {
                    Some(known) => {
                        let kept = known.token.is_none() || known.token == message.token;
                        assert!(kept, "a message of ours lost its token");
                        *known = *message;
                    }
                    None => messages.push(*message),
                }
                messages.sort_by_key(|message| message.at);
            }
            Event::PlatformEvent(event) => {
                if self.platform_events.iter().any(|known| known.id == event.id) {
                    self.repeated_events += 1;
                } else {
                    self.platform_events.push(*event);
                }
            }
            Event::Roster(roster) => {
                let references: BTreeSet<&str> = roster.iter().map(|entry| entry.reference.as_str()).collect();
                assert_eq!(references.len(), roster.len(), "each reference is in the roster once");
                self.roster = roster;
            }
            Event::WorkLists(lists) => {
                let ids: BTreeSet<_> = lists.iter().map(|list| &list.id).collect();
                assert_eq!(ids.len(), lists.len(), "each list is told once");
                assert_ne!(self.work_lists, lists, "lists were told again although nothing had changed");
                self.work_lists = lists;
            }
            Event::Notice(notice) => drop(self.notices.insert(notice.id.clone(), notice)),
            Event::NoticeGone(id) => drop(self.notices.remove(&id)),
        }
    }

    /// Messages of a conversation, without what merely happened.
    pub fn words(&self, contact: &ContactId) -> Vec<&Message> {
        let all = self.messages.get(contact).into_iter().flatten();
        all.filter(|message| !matches!(message.body, trunkline_model::MessageBody::Event { .. })).collect()
    }

    /// State of a contact that is there.
    pub fn state(&self, contact: &ContactId) -> Option<&ContactState> {
        self.contacts.get(contact).map(|contact| &contact.state)
    }
}

/// A computer without programs.
struct NoPrograms;

#[async_trait::async_trait]
impl Programs for NoPrograms {
    async fn output(&self, _line: &[String], _limit: Duration) -> Result<Secret, ProgramFailure> {
        Err(ProgramFailure::NotStarted)
    }
}

/// A connector at work for one seat, seen from the desk.
pub struct Seated {
    /// Its account.
    pub account: AccountId,
    /// What the desk knows.
    pub picture: Picture,
    events: mpsc::Receiver<Envelope>,
    commands: mpsc::Sender<CommandRequest>,
    lookups: mpsc::Sender<Lookup>,
    cancel: CancellationToken,
    task: JoinHandle<Ended>,
    last_command: AtomicU64,
}

impl Seated {
    /// Starts the connector with what is in the seat's vault.
    pub fn sit<F: ConformanceFixture>(fixture: &F, seat: Seat, log: &LogLines) -> Self {
        log.forbid(fixture.secrets(seat));
        let account = AccountId::new(format!("account-{seat:?}").to_lowercase());
        let settings = fixture.settings(seat);
        let connector = (F::registration().build)(&settings).expect("the fixture's settings are good");
        let (events_in, events) = mpsc::channel(256);
        let (commands, commands_out) = mpsc::channel(16);
        let (lookups, lookups_out) = mpsc::channel(16);
        let cancel = CancellationToken::new();
        let ports = fixture.ports(seat);
        let span = tracing::info_span!("account", account = %account);
        let context = Context {
            account: account.clone(),
            settings,
            commands: commands_out,
            lookups: lookups_out,
            events: EventSink::new(account.clone(), events_in),
            http: ports.http,
            websocket: ports.websocket,
            centrifugo: ports.centrifugo,
            vault: ports.vault,
            media: ports.media,
            login: ports.login,
            programs: std::sync::Arc::new(NoPrograms),
            clock: ports.clock,
            cancel: cancel.clone(),
            span: span.clone(),
        };
        let task = tokio::spawn(connector.run(context).instrument(span));
        let last_command = AtomicU64::new(0);
        Self { account, picture: Picture::default(), events, commands, lookups, cancel, task, last_command }
    }

    /// Waits until the picture is as wanted.
    pub async fn until(&mut self, what: &str, wanted: impl Fn(&Picture) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !wanted(&self.picture) {
            let Ok(event) = tokio::time::timeout_at(deadline, self.events.recv()).await else {
                panic!("waited in vain for {what}; link {:?}, contacts {}", self.picture.link, self.in_short());
            };
            let envelope =
                event.unwrap_or_else(|| panic!("the connector ended before {what}: {:?}", self.picture.link));
            assert_eq!(envelope.account, self.account, "an event of another account");
            self.picture.apply(envelope.event);
        }
    }

    fn in_short(&self) -> String {
        let contacts = self.picture.contacts.values();
        contacts.map(|contact| format!("{} {:?} {:?}; ", contact.id, contact.state, contact.outcome)).collect()
    }

    /// Takes in what has arrived, for as long.
    pub async fn watch(&mut self, time: Duration) {
        let deadline = Instant::now() + time;
        while let Ok(Some(envelope)) = tokio::time::timeout_at(deadline, self.events.recv()).await {
            self.picture.apply(envelope.event);
        }
    }

    /// Waits for a state of the link.
    pub async fn until_link(&mut self, state: LinkState) {
        self.until(&format!("the link to be {state:?}"), |picture| picture.link.state == state).await;
    }

    /// Waits for a state of a contact.
    pub async fn until_contact(&mut self, contact: &ContactId, state: ContactState) {
        let what = format!("contact {contact} to be {state:?}");
        self.until(&what, |picture| picture.state(contact) == Some(&state)).await;
    }

    /// Waits until a contact is no longer there.
    pub async fn until_gone(&mut self, contact: &ContactId) {
        let what = format!("contact {contact} to be gone");
        self.until(&what, |picture| !picture.contacts.contains_key(contact) && picture.gone.contains_key(contact))
            .await;
    }

    /// Carries a command out.
    pub async fn command(&mut self, command: Command) -> Result<(), CommandError> {
        let number = self.last_command.fetch_add(1, Ordering::Relaxed);
        let id = CommandId::new(format!("{}-command-{number}", self.account));
        self.command_as(id, command, Duration::from_secs(15)).await
    }

    /// Carries a command out under an id and with a deadline of the case's.
    pub async fn command_as(
        &mut self,
        id: CommandId,
        command: Command,
        deadline: Duration,
    ) -> Result<(), CommandError> {
        let what = format!("{command:?}");
        let (reply, mut outcome) = oneshot::channel();
        let request = CommandRequest { id, deadline: Instant::now() + deadline, command, reply };
        assert!(self.commands.send(request).await.is_ok(), "the connector had ended before {what}");
        let last = Instant::now() + deadline + Duration::from_secs(1);
        loop {
            tokio::select! {
                answer = &mut outcome => {
                    // What was told before the answer is seen before it.
                    while let Ok(envelope) = self.events.try_recv() {
                        self.picture.apply(envelope.event);
                    }
                    return answer.unwrap_or_else(|_| panic!("{what} was dropped unanswered"));
                }
                // The connector may wait for the desk: it reads on meanwhile.
                Some(envelope) = self.events.recv() => self.picture.apply(envelope.event),
                () = tokio::time::sleep_until(last) => panic!("{what} was not answered by its deadline"),
            }
        }
    }

    /// Reads the platform's directory.
    pub async fn endpoints(&mut self, contact: Option<ContactId>) -> Result<EndpointList, CommandError> {
        self.look_up(|deadline, reply| Lookup::Endpoints { contact, deadline, reply }).await
    }

    /// Reads the templates that tasks can be made from.
    pub async fn task_templates(&mut self) -> Result<Vec<TaskTemplateEntry>, CommandError> {
        self.look_up(|deadline, reply| Lookup::TaskTemplates { deadline, reply }).await
    }

    /// Reads one of them.
    pub async fn task_template(&mut self, id: TaskTemplateId) -> Result<TaskTemplate, CommandError> {
        self.look_up(|deadline, reply| Lookup::TaskTemplate { id, deadline, reply }).await
    }

    /// Reads a supervisor's teams.
    pub async fn supervision(&mut self) -> Result<Supervision, CommandError> {
        self.look_up(|deadline, reply| Lookup::Supervision { deadline, reply }).await
    }

    /// Reads the customer of a contact.
    pub async fn customer(&mut self, contact: &ContactId) -> Result<CustomerCard, CommandError> {
        let contact = contact.clone();
        self.look_up(|deadline, reply| Lookup::Customer { contact, deadline, reply }).await
    }

    /// Looks for customers by words.
    pub async fn find_customers(&mut self, words: &str, page: u32) -> Result<CustomerPage, CommandError> {
        let words = words.to_owned();
        self.look_up(|deadline, reply| Lookup::FindCustomers { words, page, deadline, reply }).await
    }

    /// Reads a page of earlier conversations.
    pub async fn past_conversations(&mut self, contact: &ContactId, page: u32) -> Result<PastPage, CommandError> {
        let contact = contact.clone();
        self.look_up(|deadline, reply| Lookup::PastConversations { contact, page, deadline, reply }).await
    }

    /// Looks for contacts that are over.
    pub async fn archive(&mut self, words: &str, page: u32) -> Result<ArchivePage, CommandError> {
        let words = words.to_owned();
        self.look_up(|deadline, reply| Lookup::Archive { words, page, deadline, reply }).await
    }

    /// Reads what was said in one of them.
    pub async fn archived_messages(&mut self, contact: &ContactId, page: u32) -> Result<PastPage, CommandError> {
        let contact = contact.clone();
        self.look_up(|deadline, reply| Lookup::ArchivedMessages { contact, page, deadline, reply }).await
    }

    /// Reads the words kept ready.
    pub async fn canned_messages(&mut self) -> Result<Vec<CannedMessage>, CommandError> {
        self.look_up(|deadline, reply| Lookup::CannedMessages { deadline, reply }).await
    }

    async fn look_up<T>(
        &mut self,
        question: impl FnOnce(Instant, oneshot::Sender<Result<T, CommandError>>) -> Lookup,
    ) -> Result<T, CommandError> {
        let (reply, mut answer) = oneshot::channel();
        let deadline = Instant::now() + Duration::from_secs(15);
        let lookup = question(deadline, reply);
        assert!(self.lookups.send(lookup).await.is_ok(), "the connector had ended before it was asked");
        let last = deadline + Duration::from_secs(1);
        loop {
            tokio::select! {
                answer = &mut answer => return answer.unwrap_or_else(|_| panic!("the lookup was dropped unanswered")),
                Some(envelope) = self.events.recv() => self.picture.apply(envelope.event),
                () = tokio::time::sleep_until(last) => panic!("the lookup was not answered by its deadline"),
            }
        }
    }

    /// Waits for a state of a conversation.
    pub async fn until_conversation(&mut self, contact: &ContactId, state: ConversationState) {
        let what = format!("the conversation of {contact} to be {state:?}");
        let is = |picture: &Picture| picture.conversations.get(contact).is_some_and(|frame| frame.state == state);
        self.until(&what, is).await;
    }

    /// Sends a text, as an outbox does: one attempt under this token.
    pub async fn say(&mut self, contact: &ContactId, token: &str, text: &str) -> Result<(), CommandError> {
        let content = OutgoingContent::Text { text: text.to_owned(), markdown: false, reply_to: None, internal: false };
        self.send(contact, token, content).await
    }

    /// Sends a text until it has arrived, always under the same token.
    pub async fn say_until_it_arrives(&mut self, contact: &ContactId, token: &str, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        while let Err(error) = self.say(contact, token, text).await {
            assert!(error.is_transient(), "a passing failure says so: {error}");
            assert!(Instant::now() < deadline, "the message never arrived: {error}");
            self.watch(Duration::from_millis(200)).await;
        }
    }

    /// One attempt at something to send.
    pub async fn send(
        &mut self,
        contact: &ContactId,
        token: &str,
        content: OutgoingContent,
    ) -> Result<(), CommandError> {
        self.command(Command::SendMessage { contact: contact.clone(), token: MessageToken::from(token), content }).await
    }

    /// Fetches a file of a conversation; gives it and the bytes that were told last.
    pub async fn fetch(&mut self, contact: &ContactId, attachment: &str) -> Result<(FetchedFile, u64), CommandError> {
        let (reply, mut answer) = oneshot::channel();
        let (progress, watched) = Progress::new();
        let deadline = Instant::now() + Duration::from_secs(15);
        let (contact, attachment) = (contact.clone(), attachment.to_owned());
        let lookup = Lookup::Attachment { contact, attachment, progress, deadline, reply };
        assert!(self.lookups.send(lookup).await.is_ok(), "the connector had ended before the file was fetched");
        let last = deadline + Duration::from_secs(1);
        loop {
            tokio::select! {
                answer = &mut answer => {
                    let answer = answer.unwrap_or_else(|_| panic!("the lookup was dropped unanswered"));
                    return answer.map(|file| (file, *watched.borrow()));
                }
                Some(envelope) = self.events.recv() => self.picture.apply(envelope.event),
                () = tokio::time::sleep_until(last) => panic!("the lookup was not answered by its deadline"),
            }
        }
    }

    /// Stops it and waits for its end.
    pub async fn leave(self) -> Ended {
        self.cancel.cancel();
        self.end().await
    }

    /// Waits for its end; the contract gives it a second after being cancelled.
    pub async fn end(self) -> Ended {
        let Self { mut events, task, .. } = self;
        let drain = tokio::spawn(async move { while events.recv().await.is_some() {} });
        let ended = timeout(Duration::from_secs(2), task).await.expect("the connector did not end in time");
        drain.abort();
        ended.expect("the connector panicked")
    }
}
