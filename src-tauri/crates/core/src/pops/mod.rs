//! Pages that open for a contact: which, when, with what, and what went wrong.
//!
//! A page opens by itself once for a contact, whatever is repeated: that it
//! opens is written down before it does. Fields go by name, so that another
//! platform's contacts fill the same templates.

mod template;

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use trunkline_desk::{ContactStep, ContactView, Input};
use trunkline_model::{Channel, ContactKey, Notice, NoticeAction, NoticeLevel, PopWhen, ScreenPop};
use trunkline_rpc::schema::{
    OpenPop, PopChoice, PopFailure, PopField, PopOpened, PopPreview, PopProblem, PreviewPop, SaveScreenPops, ScreenPops,
};
use trunkline_rpc::{RpcCode, RpcError};
use trunkline_store::ScreenPopSettings;

use self::template::{Flaw, Rules, Template};
use crate::effects::ShellEvent;
use crate::{Parts, rpc_error};

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

/// The desk says how far a contact has come: what belongs to that step opens,
/// and what belonged to an earlier one and did not open yet.
pub(crate) fn reached(parts: &Arc<Parts>, view: ContactView, step: ContactStep) {
    let settings = parts.settings.get().screen_pops;
    // A supervisor listens to many contacts and works on none.
    if settings.templates.is_empty() || view.contact.monitoring.is_some() {
        return;
    }
    let parts = Arc::clone(parts);
    tokio::spawn(async move {
        for page in settings.templates.iter().filter(|page| is_due(page.when, step) && is_meant(page, &view)) {
            if let Err(flaw) = open_once(&parts, &settings, page, &view).await {
                note(&parts, page, &view, &flaw, true);
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

/// The page is for this contact's account and queue.
fn is_meant(page: &ScreenPop, view: &ContactView) -> bool {
    let of_account = page.account.as_ref().is_none_or(|account| *account == view.key.account);
    let queue = view.contact.queue.as_ref();
    let of_queue = page.queues.is_empty()
        || queue.is_some_and(|queue| {
            let name = queue.name.as_deref().unwrap_or_default().trim().to_lowercase();
            page.queues.iter().any(|wanted| {
                let wanted = wanted.trim();
                wanted == queue.id.as_str() || !name.is_empty() && wanted.to_lowercase() == name
            })
        });
    of_account && of_queue
}

/// Opens a page unless it was opened for this contact before.
async fn open_once(
    parts: &Parts,
    settings: &ScreenPopSettings,
    page: &ScreenPop,
    view: &ContactView,
) -> Result<(), Flaw> {
    let identity = page.identity().to_owned();
    let opened = parts.database.pops(view.key.clone()).await.map_err(|error| not_kept(&error))?;
    if opened.contains_key(&identity) {
        return Ok(());
    }
    let address = Template::parse(&page.url, &Rules::of(settings))?.fill(|name| value(parts, view, name))?;
    let claimed = parts.database.claim_pop(view.key.clone(), identity, parts.desk.now()).await;
    if !claimed.map_err(|error| not_kept(&error))? {
        return Ok(());
    }
    tracing::info!(account = %view.key.account, contact = %view.key.contact, page = page.identity(), "page opened");
    show(parts, page, view, address)
}

fn not_kept(error: &trunkline_store::StoreError) -> Flaw {
    tracing::warn!(%error, "a page is not opened: whether it was before is not known");
    Flaw::NotKept
}

/// Gives the address to the shell, which starts the browser. Without a shell
/// (bridge, tests) there is nobody to open it.
fn show(parts: &Parts, page: &ScreenPop, view: &ContactView, address: url::Url) -> Result<(), Flaw> {
    let event = ShellEvent::OpenPage { address, contact: view.key.clone(), page: page.identity().to_owned() };
    parts.shell.send(event).map(|_| ()).map_err(|_| Flaw::NoBrowser)
}

/// The shell could not start a browser.
pub(crate) fn could_not_open(parts: &Parts, contact: &ContactKey, page: &str) {
    let settings = parts.settings.get().screen_pops;
    let page = settings.templates.iter().find(|known| known.identity() == page);
    // Gone meanwhile, one or the other: nobody waits for the page any more.
    if let (Some(page), Some(view)) = (page, parts.desk.contact(contact)) {
        note(parts, page, &view, &Flaw::NoBrowser, true);
    }
}

/// Keeps a failure for the settings, and tells the agent where it came by itself.
fn note(parts: &Parts, page: &ScreenPop, view: &ContactView, flaw: &Flaw, tell: bool) {
    tracing::warn!(account = %view.key.account, contact = %view.key.contact, page = page.identity(), flaw = flaw.name(), "page not opened");
    let problem = problem(&page.name, flaw);
    let party = &view.contact.customer;
    let customer = party.name.as_ref().or(party.address.as_ref()).cloned().unwrap_or_default();
    let at = parts.desk.now();
    if tell {
        parts.desk.apply(Input::Notice(Notice {
            id: format!("screen-pop:{}:{}", view.key, page.identity()),
            level: NoticeLevel::Warning,
            message_key: problem.message_key.clone(),
            params: problem.params.clone(),
            account: Some(view.key.account.clone()),
            contact: Some(view.key.contact.clone()),
            action: Some(NoticeAction::ScreenPops),
            at,
        }));
    }
    let mut failures = parts.pop_failures.lock();
    failures.push_front(PopFailure { problem, customer, contact: view.key.clone(), at });
    failures.truncate(FAILURES_KEPT);
}

fn problem(page: &str, flaw: &Flaw) -> PopProblem {
    let about = flaw.about().map(|about| ("about".to_owned(), about.to_owned()));
    let params = std::iter::once(("page".to_owned(), page.to_owned())).chain(about).collect();
    PopProblem { message_key: format!("notice_screen_pop_{}", flaw.name()), params }
}

/// A value by its name in a template. What no name of ours is, is an attribute's;
/// `attribute.` before it means the attribute even where we have such a name.
fn value(parts: &Parts, view: &ContactView, name: &str) -> Option<String> {
    let contact = &view.contact;
    let queue = contact.queue.as_ref();
    match name {
        "customer.address" => contact.customer.address.clone(),
        "customer.name" => contact.customer.name.clone(),
        "contact.id" => Some(contact.id.as_str().to_owned()),
        "contact.channel" => Some(channel(&contact.channel)),
        "contact.subject" => contact.subject.clone(),
        "queue.name" => queue.and_then(|queue| queue.name.clone()),
        "queue.id" => queue.map(|queue| queue.id.as_str().to_owned()),
        "account.name" => parts.desk.look(|desk| desk.account(&view.key.account).map(|account| account.name.clone())),
        _ => {
            let name = name.strip_prefix("attribute.").unwrap_or(name);
            contact.attributes.iter().find(|attribute| attribute.name == name).map(|attribute| attribute.value.clone())
        }
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
    let view = request.contact.and_then(|contact| parts.desk.contact(&contact));
    let value = |name: &str| match &view {
        Some(view) => value(parts, view, name),
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

/// Pages meant for a contact.
pub(crate) async fn of_contact(parts: &Parts, contact: &ContactKey) -> Result<Vec<PopChoice>, RpcError> {
    let view = contact_view(parts, contact)?;
    let settings = parts.settings.get().screen_pops;
    if settings.templates.is_empty() {
        return Ok(Vec::new());
    }
    let opened = parts.database.pops(contact.clone()).await.map_err(|error| rpc_error::internal("pages", &error))?;
    let pages = settings.templates.into_iter().filter(|page| is_meant(page, &view));
    Ok(pages
        .map(|page| PopChoice {
            id: page.identity().to_owned(),
            opened_at: opened.get(page.identity()).copied(),
            name: page.name,
        })
        .collect())
}

/// The agent asks for a page: as often as they like.
pub(crate) async fn open_by_hand(parts: &Parts, request: OpenPop) -> Result<PopOpened, RpcError> {
    let view = contact_view(parts, &request.contact)?;
    let settings = parts.settings.get().screen_pops;
    let page = settings.templates.iter().find(|page| page.identity() == request.page && is_meant(page, &view));
    let Some(page) = page else { return Err(RpcError::new(RpcCode::NotPossible, "error_screen_pop_gone")) };
    let address = Template::parse(&page.url, &Rules::of(&settings))
        .and_then(|found| found.fill(|name| value(parts, &view, name)));
    // Noted first, so that it does not open by itself after that.
    let opened = match address {
        Ok(address) => {
            let claim = parts.database.claim_pop(view.key.clone(), page.identity().to_owned(), parts.desk.now());
            if let Err(error) = claim.await {
                tracing::warn!(%error, "that a page was opened by hand is not noted");
            }
            show(parts, page, &view, address)
        }
        Err(flaw) => Err(flaw),
    };
    match opened {
        Ok(()) => {
            parts.desk.apply(Input::NoticeGone(format!("screen-pop:{}:{}", view.key, page.identity())));
            Ok(PopOpened { problem: None })
        }
        Err(flaw) => {
            note(parts, page, &view, &flaw, false);
            Ok(PopOpened { problem: Some(problem(&page.name, &flaw)) })
        }
    }
}

fn contact_view(parts: &Parts, contact: &ContactKey) -> Result<ContactView, RpcError> {
    parts.desk.contact(contact).ok_or_else(|| RpcError::new(RpcCode::NotPossible, "error_contact_gone"))
}
