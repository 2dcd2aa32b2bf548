//! Pages that open for a contact or an event: which, when, with what, and what
//! went wrong.
//!
//! A page opens by itself once for each, whatever is repeated: that it opens is
//! written down before it does. Fields go by name, so that another platform's
//! contacts and events fill the same templates.

mod template;

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use trunkline_connector::Capability;
use trunkline_desk::{ContactStep, ContactView, Desk, EventKey, Input};
use trunkline_model::{
    AccountId, Channel, Contact, ContactId, ContactKey, Notice, NoticeAction, NoticeLevel, Party, PlatformEvent,
    PopWhen, ScreenPop,
};
use trunkline_rpc::schema::{
    PopChoice, PopFailure, PopField, PopOpened, PopPreview, PopProblem, PreviewPop, SaveScreenPops, ScreenPops,
    TriedPage,
};
use trunkline_rpc::{RpcCode, RpcError};
use trunkline_store::ScreenPopSettings;

use self::template::{Flaw, Rules, Template};
use crate::accounts::can;
use crate::effects::ShellEvent;
use crate::{Parts, events, rpc_error};

/// Failures kept for the settings.
const FAILURES_KEPT: usize = 50;
/// More pages than anybody looks through.
const MOST: usize = 100;

/// What went wrong in this run, newest first.
#[derive(Default)]
pub(crate) struct Failures(Mutex<VecDeque<PopFailure>>);

impl Failures {
    fn lock(&self) -> MutexGuard<'_, VecDeque<PopFailure>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rules {
    fn of(settings: &ScreenPopSettings) -> Self {
        Self { domains: settings.allowed_domains.clone(), http: settings.allow_http }
    }
}

/// What a page opens for, or a notification is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubjectKey {
    /// A contact.
    Contact(ContactKey),
    /// An event of a platform's own.
    Event(EventKey),
}

/// What a page opens for, with its values.
#[derive(Clone, Debug)]
pub(crate) enum Subject {
    Contact(Box<ContactView>),
    Event { account: AccountId, event: Box<PlatformEvent> },
}

impl Subject {
    fn key(&self) -> SubjectKey {
        match self {
            Self::Contact(view) => SubjectKey::Contact(view.key.clone()),
            Self::Event { account, event } => {
                SubjectKey::Event(EventKey { account: account.clone(), event: event.id.clone() })
            }
        }
    }

    fn account(&self) -> &AccountId {
        match self {
            Self::Contact(view) => &view.key.account,
            Self::Event { account, .. } => account,
        }
    }

    /// As which it is written down that a page opened for it. No platform names
    /// a contact like this.
    fn noted_as(&self) -> ContactKey {
        match self {
            Self::Contact(view) => view.key.clone(),
            Self::Event { account, event } => {
                ContactKey::new(account.clone(), ContactId::new(format!("event:{}", event.id)))
            }
        }
    }

    fn customer(&self) -> &Party {
        match self {
            Self::Contact(view) => &view.contact.customer,
            Self::Event { event, .. } => &event.customer,
        }
    }

    /// Id and name; an event's campaign has one word for both.
    fn queue(&self) -> Option<(&str, &str)> {
        match self {
            Self::Contact(view) => {
                let queue = view.contact.queue.as_ref()?;
                Some((queue.id.as_str(), queue.name.as_deref().unwrap_or_default()))
            }
            Self::Event { event, .. } => event.campaign.as_deref().map(|campaign| (campaign, campaign)),
        }
    }
}

/// The desk says how far a contact has come: what belongs to that step opens,
/// and what belonged to an earlier one and did not open yet.
pub(crate) fn reached(parts: &Arc<Parts>, view: ContactView, step: ContactStep) {
    // A supervisor listens to many contacts and works on none. Where the
    // platform tells screen pops as events, pages open for those.
    let tells =
        |desk: &Desk| desk.account(&view.key.account).is_some_and(|account| can(account, Capability::PlatformEvents));
    if view.contact.monitoring.is_some() || parts.desk.look(tells) {
        return;
    }
    open_due(parts, Subject::Contact(Box::new(view)), |page| is_due(page.when, step));
}

/// A rule says that pages open for an event: one, or those that open with an offer.
pub(crate) fn for_event(parts: &Arc<Parts>, account: AccountId, event: PlatformEvent, page: Option<String>) {
    open_due(parts, Subject::Event { account, event: Box::new(event) }, move |known| {
        is_for_event(known, page.as_deref())
    });
}

fn open_due(parts: &Arc<Parts>, subject: Subject, is_due: impl Fn(&ScreenPop) -> bool) {
    let settings = parts.settings.get().screen_pops;
    let is_due = |page: &&ScreenPop| is_due(page) && is_meant(page, &subject);
    let due: Vec<ScreenPop> = settings.templates.iter().filter(is_due).cloned().collect();
    if due.is_empty() {
        return;
    }
    let parts = Arc::clone(parts);
    tokio::spawn(async move {
        for page in due {
            if let Err(flaw) = open_once(&parts, &settings, &page, &subject).await {
                note(&parts, &page, &subject, &flaw, true);
            }
        }
    });
}

fn is_due(when: PopWhen, step: ContactStep) -> bool {
    match when {
        PopWhen::Offer => true,
        PopWhen::Accept => step >= ContactStep::Taken,
        PopWhen::Hand => false,
    }
}

/// The one that a rule names, whenever else it opens; else one that opens with an offer.
fn is_for_event(page: &ScreenPop, named: Option<&str>) -> bool {
    named.map_or(page.when == PopWhen::Offer, |named| page.identity() == named)
}

/// The page is for this account and queue.
fn is_meant(page: &ScreenPop, subject: &Subject) -> bool {
    let of_account = page.account.as_ref().is_none_or(|account| account == subject.account());
    let of_queue = page.queues.is_empty()
        || subject.queue().is_some_and(|(id, name)| {
            let name = name.trim().to_lowercase();
            page.queues.iter().any(|wanted| {
                let wanted = wanted.trim();
                wanted == id || !name.is_empty() && wanted.to_lowercase() == name
            })
        });
    of_account && of_queue
}

/// Opens a page unless it was opened for this before.
async fn open_once(
    parts: &Parts,
    settings: &ScreenPopSettings,
    page: &ScreenPop,
    subject: &Subject,
) -> Result<(), Flaw> {
    let identity = page.identity().to_owned();
    let opened = parts.database.pops(subject.noted_as()).await.map_err(|error| not_kept(&error))?;
    if opened.contains_key(&identity) {
        return Ok(());
    }
    let address = address(parts, settings, page, subject)?;
    let claimed = parts.database.claim_pop(subject.noted_as(), identity, parts.desk.now()).await;
    if !claimed.map_err(|error| not_kept(&error))? {
        return Ok(());
    }
    tracing::info!(subject = ?subject.key(), page = page.identity(), "page opened");
    show(parts, page, subject, address)
}

fn address(parts: &Parts, settings: &ScreenPopSettings, page: &ScreenPop, subject: &Subject) -> Result<url::Url, Flaw> {
    Template::parse(&page.url, &Rules::of(settings))?.fill(|name| value(parts, subject, name))
}

fn not_kept(error: &trunkline_store::StoreError) -> Flaw {
    tracing::warn!(%error, "a page is not opened: whether it was before is not known");
    Flaw::NotKept
}

/// Gives the address to the shell, which starts the browser. Without a shell
/// (bridge, tests) there is nobody to open it.
fn show(parts: &Parts, page: &ScreenPop, subject: &Subject, address: url::Url) -> Result<(), Flaw> {
    let event = ShellEvent::OpenPage { address, subject: subject.key(), page: page.identity().to_owned() };
    parts.shell.send(event).map(|_| ()).map_err(|_| Flaw::NoBrowser)
}

/// The shell could not start a browser.
pub(crate) fn could_not_open(parts: &Parts, key: &SubjectKey, page: &str) {
    let settings = parts.settings.get().screen_pops;
    let page = settings.templates.iter().find(|known| known.identity() == page);
    let subject = match key {
        SubjectKey::Contact(contact) => parts.desk.contact(contact).map(Box::new).map(Subject::Contact),
        SubjectKey::Event(key) => events::listed(parts, key),
    };
    // Gone meanwhile, one or the other: nobody waits for the page any more.
    if let (Some(page), Some(subject)) = (page, subject) {
        note(parts, page, &subject, &Flaw::NoBrowser, true);
    }
}

fn notice_id(page: &ScreenPop, subject: &Subject) -> String {
    format!("screen-pop:{}:{}", subject.noted_as(), page.identity())
}

/// Keeps a failure for the settings, and tells the agent where it came by itself.
fn note(parts: &Parts, page: &ScreenPop, subject: &Subject, flaw: &Flaw, tell: bool) {
    tracing::warn!(subject = ?subject.key(), page = page.identity(), flaw = flaw.name(), "page not opened");
    let problem = problem(&page.name, flaw);
    let party = subject.customer();
    let customer = party.name.as_ref().or(party.address.as_ref()).cloned().unwrap_or_default();
    let at = parts.desk.now();
    if tell {
        let contact = match subject {
            Subject::Contact(view) => Some(view.key.contact.clone()),
            Subject::Event { .. } => None,
        };
        parts.desk.apply(Input::Notice(Notice {
            id: notice_id(page, subject),
            level: NoticeLevel::Warning,
            message_key: problem.message_key.clone(),
            params: problem.params.clone(),
            account: Some(subject.account().clone()),
            contact,
            action: Some(NoticeAction::ScreenPops),
            at,
        }));
    }
    let mut failures = parts.pop_failures.lock();
    failures.push_front(PopFailure { problem, customer, at });
    failures.truncate(FAILURES_KEPT);
}

fn problem(page: &str, flaw: &Flaw) -> PopProblem {
    let about = flaw.about().map(|about| ("about".to_owned(), about.to_owned()));
    let params = std::iter::once(("page".to_owned(), page.to_owned())).chain(about).collect();
    PopProblem { message_key: format!("notice_screen_pop_{}", flaw.name()), params }
}

/// A value by its name in a template. What no name of ours is, is an attribute's
/// or a field's; `attribute.` before it means that even where we have such a name.
fn value(parts: &Parts, subject: &Subject, name: &str) -> Option<String> {
    let customer = subject.customer();
    match name {
        "customer.address" => customer.address.clone(),
        "customer.name" => customer.name.clone(),
        "queue.name" => subject.queue().map(|(_, name)| name.to_owned()),
        "queue.id" => subject.queue().map(|(id, _)| id.to_owned()),
        "account.name" => parts.desk.look(|desk| desk.account(subject.account()).map(|account| account.name.clone())),
        _ => {
            let attribute = name.strip_prefix("attribute.").unwrap_or(name);
            match subject {
                Subject::Contact(view) => of_contact(&view.contact, name).or_else(|| {
                    view.contact
                        .attributes
                        .iter()
                        .find(|known| known.name == attribute)
                        .map(|known| known.value.clone())
                }),
                Subject::Event { event, .. } => {
                    of_event(event, name).or_else(|| event.field(attribute).map(str::to_owned))
                }
            }
        }
    }
}

fn of_contact(contact: &Contact, name: &str) -> Option<String> {
    match name {
        "contact.id" => Some(contact.id.as_str().to_owned()),
        "contact.channel" => Some(channel(&contact.channel)),
        "contact.subject" => contact.subject.clone(),
        _ => None,
    }
}

fn of_event(event: &PlatformEvent, name: &str) -> Option<String> {
    match name {
        "event.id" => Some(event.id.as_str().to_owned()),
        "event.type" => Some(event.kind.clone()),
        "event.campaign" => event.campaign.clone(),
        "event.channel" => event.channel.clone(),
        "event.way" => event.way.clone(),
        // Templates made for contacts serve, too.
        "contact.channel" => event.channel.as_deref().map(str::to_lowercase),
        _ => None,
    }
}

fn channel(channel: &Channel) -> String {
    let name = match channel {
        Channel::Voice => "voice",
        Channel::Chat => "chat",
        Channel::Task => "task",
        Channel::Email => "email",
        Channel::Unknown(name) => name,
    };
    name.to_owned()
}

/// What the preview shows where no contact is chosen.
fn example(name: &str) -> Option<String> {
    let value = match name {
        "customer.address" => "+4930123456",
        "customer.name" => "Ada Example",
        "contact.id" => "3c0f2a1e-9d7b-4c55-8a43-0b2f6c1d9e77",
        "contact.channel" => "voice",
        "contact.subject" => "Example",
        "queue.name" => "Example queue",
        "queue.id" => "queue-1",
        "account.name" => "Example account",
        _ => return Some(format!("<{}>", name.strip_prefix("attribute.").unwrap_or(name))),
    };
    Some(value.to_owned())
}

// What the windows ask for.

/// Pages, rules and failures.
pub(crate) fn all(parts: &Parts) -> ScreenPops {
    let ScreenPopSettings { allowed_domains, allow_http, templates } = parts.settings.get().screen_pops;
    let fixed = ["templates", "allowed_domains", "allow_http"].map(str::to_owned);
    let fixed = fixed.into_iter().filter(|key| parts.settings.is_enforced(&format!("screen_pops.{key}"))).collect();
    let failures = parts.pop_failures.lock().iter().cloned().collect();
    ScreenPops { templates, allowed_domains, allow_http, fixed, failures }
}

pub(crate) fn save(parts: &Parts, request: SaveScreenPops) -> Result<ScreenPops, RpcError> {
    let SaveScreenPops { templates, allowed_domains, allow_http } = request;
    if templates.len() > MOST {
        return Err(rpc_error::field("templates", "error_invalid"));
    }
    let before = parts.settings.get().screen_pops;
    let domains: Vec<String> =
        allowed_domains.iter().map(|rule| rule.trim().to_owned()).filter(|rule| !rule.is_empty()).collect();
    for rule in &domains {
        if template::domain(rule.strip_prefix("*.").unwrap_or(rule)).is_none() {
            return Err(rpc_error::field("allowed_domains", "error_screen_pop_domain"));
        }
    }
    let rules = Rules { domains: domains.clone(), http: allow_http };
    let mut pages = Vec::new();
    for (at, mut page) in templates.into_iter().enumerate() {
        page.name = page.name.trim().to_owned();
        page.url = page.url.trim().to_owned();
        page.queues = page.queues.iter().map(|queue| queue.trim().to_owned()).filter(|name| !name.is_empty()).collect();
        if page.name.is_empty() {
            return Err(rpc_error::field(&format!("templates.{at}.name"), "error_name_missing"));
        }
        // What an administrator wrote may be wrong and stays as it is: it is told when it should open.
        if !before.templates.contains(&page) {
            Template::parse(&page.url, &rules)
                .map_err(|_| rpc_error::field(&format!("templates.{at}.url"), "error_screen_pop_address"))?;
            if page.id.is_empty() {
                page.id = uuid::Uuid::new_v4().simple().to_string();
            }
        }
        pages.push(page);
    }
    let known: BTreeSet<&str> = pages.iter().map(ScreenPop::identity).collect();
    if known.len() != pages.len() {
        return Err(rpc_error::field("templates", "error_screen_pop_twice"));
    }
    parts.settings.commit(move |settings| {
        settings.screen_pops = ScreenPopSettings { allowed_domains: domains, allow_http, templates: pages };
    })?;
    Ok(all(parts))
}

pub(crate) fn preview(parts: &Parts, request: PreviewPop) -> PopPreview {
    let rules = Rules { domains: request.allowed_domains, http: request.allow_http };
    let subject = request.contact.and_then(|key| contact(parts, &key).ok());
    let value = |name: &str| match &subject {
        Some(subject) => value(parts, subject, name),
        None => example(name),
    };
    let template = match Template::parse(&request.url, &rules) {
        Ok(template) => template,
        Err(flaw) => return PopPreview { address: None, problem: Some(problem("", &flaw)), fields: Vec::new() },
    };
    let fields = template.fields().into_iter();
    let fields = fields.map(|name| PopField { name: name.to_owned(), value: value(name) }).collect();
    match template.fill(value) {
        Ok(address) => PopPreview { address: Some(address.into()), problem: None, fields },
        Err(flaw) => PopPreview { address: None, problem: Some(problem("", &flaw)), fields },
    }
}

pub(crate) fn forget_failures(parts: &Parts) {
    parts.pop_failures.lock().clear();
}

/// A contact that is there.
pub(crate) fn contact(parts: &Parts, contact: &ContactKey) -> Result<Subject, RpcError> {
    let view = parts.desk.contact(contact).ok_or_else(rpc_error::contact_gone)?;
    Ok(Subject::Contact(Box::new(view)))
}

/// Pages meant for it.
pub(crate) async fn choices(parts: &Parts, subject: &Subject) -> Result<Vec<PopChoice>, RpcError> {
    let settings = parts.settings.get().screen_pops;
    if settings.templates.is_empty() {
        return Ok(Vec::new());
    }
    let opened = parts.database.pops(subject.noted_as()).await;
    let opened = opened.map_err(|error| rpc_error::internal("pages", &error))?;
    let pages = settings.templates.into_iter().filter(|page| is_meant(page, subject));
    Ok(pages
        .map(|page| PopChoice {
            id: page.identity().to_owned(),
            opened_at: opened.get(page.identity()).copied(),
            name: page.name,
        })
        .collect())
}

/// The agent asks for a page: as often as they like.
pub(crate) async fn open_by_hand(parts: &Parts, subject: &Subject, page: &str) -> Result<PopOpened, RpcError> {
    let settings = parts.settings.get().screen_pops;
    let page = settings.templates.iter().find(|known| known.identity() == page && is_meant(known, subject));
    let Some(page) = page else { return Err(RpcError::new(RpcCode::NotPossible, "error_screen_pop_gone")) };
    // Noted first, so that it does not open by itself after that.
    let opened = match address(parts, &settings, page, subject) {
        Ok(address) => {
            let claim = parts.database.claim_pop(subject.noted_as(), page.identity().to_owned(), parts.desk.now());
            if let Err(error) = claim.await {
                tracing::warn!(%error, "that a page was opened by hand is not noted");
            }
            show(parts, page, subject, address)
        }
        Err(flaw) => Err(flaw),
    };
    match opened {
        Ok(()) => {
            parts.desk.apply(Input::NoticeGone(notice_id(page, subject)));
            Ok(PopOpened { problem: None })
        }
        Err(flaw) => {
            note(parts, page, subject, &flaw, false);
            Ok(PopOpened { problem: Some(problem(&page.name, &flaw)) })
        }
    }
}

/// Pages that a rule would open for an event, with their addresses.
pub(crate) fn tried(parts: &Parts, account: &AccountId, event: &PlatformEvent, page: Option<&str>) -> Vec<TriedPage> {
    let settings = parts.settings.get().screen_pops;
    let subject = Subject::Event { account: account.clone(), event: Box::new(event.clone()) };
    let pages = settings.templates.iter().filter(|known| is_for_event(known, page) && is_meant(known, &subject));
    pages
        .map(|page| match address(parts, &settings, page, &subject) {
            Ok(address) => TriedPage { name: page.name.clone(), address: Some(address.into()), problem: None },
            Err(flaw) => {
                TriedPage { name: page.name.clone(), address: None, problem: Some(problem(&page.name, &flaw)) }
            }
        })
        .collect()
}
