//! Our connector, as the desk runs it: commands in, events out. Its network is
//! the real one, its media are recorded only.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing_subscriber::layer::SubscriberExt as _;
use trunkline_connector::ports::{MediaOffer, Progress};
use trunkline_connector::{Command, CommandRequest, Context, Envelope, EventSink, Lookup, OutgoingContent, Target};
use trunkline_model::{
    Agent, CommandId, ConnectionId, ConnectionKind, Contact, ContactId, EndpointId, MessageId, MessageToken,
};
use trunkline_net::{Network, NetworkConfig, SystemClock};
use trunkline_simulators::amazon_connect::AmazonConnectSim;
use trunkline_testkit::cast::AGENT_ONE;
use trunkline_testkit::{FakeLogin, FakeMedia, FakeVault};

use super::compare::Record;
use super::diary::DiffDiary;
use super::seat::{Act, Leg, Seat, until};
use super::vocabulary::{Chats, Told, agent_picture, begins, contact_picture, link, notice};

const ANSWER: Duration = Duration::from_secs(20);

/// What the connector has told, and how everything stands by it.
#[derive(Default)]
struct Book {
    records: Vec<Record>,
    agent: Option<Agent>,
    contacts: BTreeMap<ContactId, Contact>,
    pictures: BTreeMap<String, String>,
    chats: Chats,
    link: Option<Record>,
    troubles: Vec<String>,
}

/// The connector in a thread of its own: its diff is read from what it logs.
pub struct OurSeat {
    book: Arc<Mutex<Book>>,
    commands: mpsc::Sender<CommandRequest>,
    lookups: mpsc::Sender<Lookup>,
    number: Mutex<u32>,
    _stop: DropGuard,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An offer that the simulator's WebRTC end takes. Nothing flows.
fn offer() -> Result<MediaOffer> {
    let text = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../src-tauri/connectors/amazon-connect/tests/fixtures/amazon-connect-softphone/rpc-invite.v2.json"
    ));
    let invite: Value = serde_json::from_str(text)?;
    let params = &invite["jsonRpcMsg"]["params"];
    Ok(MediaOffer {
        sdp: params["sdp"].as_str().context("an offer")?.to_owned(),
        candidates: serde_json::from_value(params["candidates"].clone())?,
    })
}

impl OurSeat {
    /// The agent signs in; returns when the connector has told the agent.
    pub async fn open(sim: &AmazonConnectSim, agent: &str) -> Result<Self> {
        let settings = json!({ "address": sim.base_url() });
        let settings = settings.as_object().cloned().unwrap_or_default();
        let build = trunkline_amazon_connect::registration().build;
        let connector = build(&settings).map_err(|error| anyhow!("the connector: {error:?}"))?;
        let network = Network::new(NetworkConfig::default())?;
        let media = FakeMedia::new();
        media.offers(offer()?);
        let (sink, events) = mpsc::channel(256);
        let (commands, command_queue) = mpsc::channel(16);
        let (lookups, lookup_queue) = mpsc::channel(16);
        let stop = CancellationToken::new();
        let book = Arc::new(Mutex::new(Book::default()));
        let vault = FakeVault::new().with("token", &sim.token(agent));
        let context = Context {
            account: AGENT_ONE.account(),
            settings,
            commands: command_queue,
            lookups: lookup_queue,
            events: EventSink::new(AGENT_ONE.account(), sink),
            http: network.http(),
            websocket: network.websocket(),
            centrifugo: network.centrifugo(),
            vault: Arc::new(vault),
            media: Arc::new(media),
            login: Arc::new(FakeLogin::new()),
            programs: Arc::new(trunkline_testkit::FakePrograms::default()),
            clock: Arc::new(SystemClock),
            cancel: stop.clone(),
            span: tracing::Span::none(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let kept = book.clone();
        std::thread::Builder::new().name("connector".to_owned()).spawn(move || {
            let diary = book.clone();
            let diary = DiffDiary::new(move |record| locked(&diary).records.push(record));
            let _log = tracing::subscriber::set_default(tracing_subscriber::registry().with(diary));
            runtime.block_on(async {
                let listening = tokio::spawn(listen(events, book));
                connector.run(context).await;
                listening.await
            })
        })?;
        let seat = Self { book: kept, commands, lookups, number: Mutex::default(), _stop: stop.drop_guard() };
        until(&seat, "our agent", |records| records.iter().any(|r| r.lane == "agent")).await?;
        Ok(seat)
    }

    fn connection(&self, contact: &ContactId, leg: Leg) -> Result<Option<ConnectionId>> {
        let book = locked(&self.book);
        let known = book.contacts.get(contact).context("the contact is not known")?;
        let found = match leg {
            Leg::Agent => known.agent_connection(),
            Leg::Customer => known.initial_connection(),
            Leg::Third => known.parties().find(|leg| leg.kind == ConnectionKind::ThirdParty),
        };
        Ok(Some(found.with_context(|| format!("{leg:?} is not there"))?.id.clone()))
    }

    async fn endpoint(&self, name: &str, contact: &ContactId) -> Result<EndpointId> {
        let (reply, answer) = oneshot::channel();
        let deadline = Instant::now() + ANSWER;
        self.lookups.send(Lookup::Endpoints { contact: Some(contact.clone()), deadline, reply }).await?;
        let list = answer.await??;
        let found = list.items.into_iter().find(|entry| entry.name == name);
        Ok(found.with_context(|| format!("{name} is not in the directory"))?.id)
    }

    async fn target(&self, name: Option<&str>, number: Option<String>, contact: &ContactId) -> Result<Target> {
        match (name, number) {
            (Some(name), _) => Ok(Target::Endpoint { id: self.endpoint(name, contact).await? }),
            (None, Some(number)) => Ok(Target::Number { number }),
            (None, None) => bail!("nobody to call"),
        }
    }

    fn next_id(&self) -> u32 {
        let mut number = locked(&self.number);
        *number += 1;
        *number
    }

    fn message(&self, contact: ContactId, content: OutgoingContent) -> Command {
        let token = MessageToken::new(format!("message-{}", self.next_id()));
        Command::SendMessage { contact, token, content }
    }

    async fn command(&self, act: Act) -> Result<Command> {
        let id = |contact: String| ContactId::new(contact);
        Ok(match act {
            Act::State { state, when_free } => {
                let book = locked(&self.book);
                let agent = book.agent.as_ref().context("the agent is not known")?;
                let listed = agent.selectable_states.iter().find(|known| known.name == state);
                let state = listed.and_then(|known| known.id.clone()).with_context(|| format!("no state {state}"))?;
                Command::SetAgentState { state, when_free }
            }
            Act::Accept { contact } => Command::Accept { contact: id(contact) },
            Act::Reject { contact } => Command::Reject { contact: id(contact) },
            Act::Clear { contact } => Command::Clear { contact: id(contact) },
            Act::Drop { contact, leg: Leg::Agent } => Command::Disconnect { contact: id(contact), connection: None },
            Act::Drop { contact, leg } => {
                let contact = id(contact);
                Command::Disconnect { connection: self.connection(&contact, leg)?, contact }
            }
            Act::Hold { contact, leg } => {
                let contact = id(contact);
                Command::Hold { connection: self.connection(&contact, leg)?, contact }
            }
            Act::Resume { contact, leg } => {
                let contact = id(contact);
                Command::Resume { connection: self.connection(&contact, leg)?, contact }
            }
            Act::Digits { contact, leg, digits } => {
                let contact = id(contact);
                Command::SendDigits { connection: self.connection(&contact, leg)?, contact, digits }
            }
            Act::Dial { number } => Command::Dial { number, queue: None, related: None },
            Act::Add { contact, name, number } => {
                let contact = id(contact);
                Command::AddParty {
                    target: self.target(name.as_deref(), number, &contact).await?,
                    contact,
                    note: String::new(),
                }
            }
            Act::Transfer { contact, name } => {
                let contact = id(contact);
                Command::Transfer {
                    target: self.target(Some(&name), None, &contact).await?,
                    contact,
                    note: String::new(),
                }
            }
            Act::Swap { contact } => Command::Swap { contact: id(contact) },
            Act::Conference { contact } => Command::Conference { contact: id(contact) },
            Act::Pause { contact } => Command::Pause { contact: id(contact) },
            Act::Unpause { contact } => Command::Unpause { contact: id(contact) },
            Act::Barge { contact } => {
                Command::SetMonitorMode { contact: id(contact), mode: trunkline_model::MonitorMode::Barge }
            }
            Act::Say { contact, text } => self
                .message(id(contact), OutgoingContent::Text { text, markdown: false, reply_to: None, internal: false }),
            Act::Typing { contact } => Command::Typing { contact: id(contact) },
            Act::Read { contact, message } => {
                Command::MarkRead { contact: id(contact), message: MessageId::new(message) }
            }
            Act::File { contact, name, kind, text } => {
                let (progress, _) = Progress::new();
                let content = OutgoingContent::File { name, content_type: kind, bytes: text.into(), progress };
                self.message(id(contact), content)
            }
        })
    }
}

#[async_trait]
impl Seat for OurSeat {
    fn records(&self) -> Vec<Record> {
        locked(&self.book).records.clone()
    }

    async fn act(&self, act: Act) -> Result<()> {
        let words = serde_json::to_value(&act)?;
        let name = words["do"].as_str().unwrap_or_default().to_owned();
        let taken = match &act {
            Act::Accept { contact } => Some(contact.clone()),
            _ => None,
        };
        let command = self.command(act).await?;
        let (reply, answer) = oneshot::channel();
        let id = CommandId::new(format!("command-{}", self.next_id()));
        self.commands.send(CommandRequest { id, deadline: Instant::now() + ANSWER, command, reply }).await?;
        let answer = answer.await?;
        let mut book = locked(&self.book);
        if let Err(error) = &answer {
            book.troubles.push(format!("{name}: {error}"));
        }
        let detail = if answer.is_ok() { "done" } else { "refused" };
        book.records.push(Record::new("acts", name, detail));
        if let Some(contact) = taken.filter(|_| answer.is_ok()) {
            book.records.push(Record::new("accepted", "contact::accepted", contact));
        }
        Ok(())
    }

    fn troubles(&self) -> Vec<String> {
        locked(&self.book).troubles.clone()
    }
}

/// Writes down what the connector tells, in the vendor's words.
async fn listen(mut events: mpsc::Receiver<Envelope>, book: Arc<Mutex<Book>>) {
    while let Some(envelope) = events.recv().await {
        locked(&book).note(envelope.event);
    }
}

impl Book {
    fn picture(&mut self, lane: &str, detail: String) {
        if self.pictures.get(lane) != Some(&detail) {
            self.pictures.insert(lane.to_owned(), detail.clone());
            self.records.push(Record::new(lane, "picture", detail));
        }
    }

    fn note(&mut self, event: trunkline_connector::Event) {
        use trunkline_connector::Event;
        match event {
            Event::Link(told) => {
                // Told again when the time of the next try changes.
                let record = link(&told).filter(|record| self.link.as_ref() != Some(record));
                self.link = record.clone().or(self.link.take());
                self.records.extend(record);
            }
            // Which way its calls take is a choice that the vendor's client does not have.
            Event::Route(_)
            | Event::Serving(_)
            | Event::Challenge(_)
            | Event::WorkLists(_)
            | Event::ResyncStart
            | Event::ResyncEnd
            | Event::NoticeGone(_) => {}
            Event::Agent(agent) => {
                self.picture("agent", agent_picture(&agent));
                self.agent = Some(*agent);
            }
            Event::Contact(contact) => {
                let lane = format!("contact {}", contact.id);
                if !self.contacts.contains_key(&contact.id) {
                    self.records.push(Record::new(&lane, "begins", begins(&contact)));
                    if contact.channel == trunkline_model::Channel::Task {
                        self.records.push(Record::new(format!("task {}", contact.id), "open", ""));
                    }
                }
                self.picture(&lane, contact_picture(&contact));
                self.contacts.insert(contact.id.clone(), *contact);
            }
            Event::ContactGone { .. } => {}
            // Amazon Connect has neither.
            Event::PlatformEvent(_) | Event::Roster(_) => {}
            Event::Conversation { contact, conversation } => {
                let told = self.chats.conversation(&contact, &conversation);
                self.tell(&contact, told);
            }
            Event::Message { contact, message } => {
                let told = self.chats.message(&contact, &message);
                self.tell(&contact, told);
            }
            Event::Notice(told) => self.records.push(notice(&told)),
        }
    }

    fn tell(&mut self, contact: &ContactId, told: Vec<Told>) {
        let lane = format!("chat {contact}");
        self.records.extend(told.into_iter().map(|(event, detail)| Record::new(&lane, event, detail)));
    }
}
