//! Demo mode: clients who follow what the operator does, one who waits in help,
//! an archive, and a colleague who takes what is handed over.

use std::time::Duration;

use super::demo_cast::{COLLEAGUE, VISITORS, Visitor, WAITING};
use super::facts::SentMessage;
use super::options::{ClientOffer, OperatorStatus, Twin24Group, Twin24Operator, Twin24Options};
use super::sim::Twin24Sim;
use super::sim_session::SimSession;

/// How fast the demo's people are.
#[derive(Clone, Copy, Debug)]
pub struct Twin24Pace {
    /// From being active without a session to the next client.
    pub next_session: Duration,
    /// From then on to a second one beside it.
    pub second_session: Duration,
    /// What a client takes to answer.
    pub thinking: Duration,
    /// How long a client waits for an answer.
    pub patience: Duration,
    /// How long a client is away in between.
    pub away: Duration,
    /// Until the one in help gives up; somebody else comes then.
    pub help: Duration,
}

impl Default for Twin24Pace {
    fn default() -> Self {
        Self {
            next_session: Duration::from_secs(4),
            second_session: Duration::from_secs(60),
            thinking: Duration::from_secs(4),
            patience: Duration::from_secs(240),
            away: Duration::from_secs(5),
            help: Duration::from_secs(900),
        }
    }
}

const STEP: Duration = Duration::from_millis(100);

/// One operator (anna), and a colleague (boris) who takes what is handed over and answers.
#[must_use]
pub fn demo_options() -> Twin24Options {
    let operators = vec![
        Twin24Operator::named(42, "anna@example.com", "Анна", "Петрова").in_groups(&[3]),
        Twin24Operator::named(43, "boris@example.com", "Борис", "Орлов").in_groups(&[3, 4]).played(),
        Twin24Operator::named(44, "vera@example.com", "Вера", "Сидорова").in_groups(&[4]),
    ];
    let groups = vec![Twin24Group::named(3, "Поддержка"), Twin24Group::named(4, "Оплата")];
    Twin24Options { operators, groups, ..Twin24Options::default() }
}

/// Sessions for ever, for the first operator of the options. Meant for `tokio::spawn`.
pub async fn demo(sim: &Twin24Sim, pace: Twin24Pace) {
    let mut operators = sim.options().operators.iter();
    let Some(operator) = operators.find(|one| !one.played).map(|one| one.email.clone()) else { return };
    sim.finished(8);
    tokio::join!(visitors(sim, &operator, pace), waiting(sim, pace), colleague(sim, pace));
}

async fn visitors(sim: &Twin24Sim, operator: &str, pace: Twin24Pace) {
    for n in 0.. {
        let Some(visitor) = VISITORS.get(n % VISITORS.len()) else { return };
        wait_for_room(sim, operator, pace).await;
        match sim.client_starts(offer(visitor, operator)) {
            Ok(session) => {
                tracing::info!(number = n + 1, "the demo begins a session");
                tokio::spawn(async move { converse(&session, visitor, pace).await });
            }
            Err(error) => {
                tracing::warn!(%error, "the demo's sessions end");
                return;
            }
        }
    }
}

fn offer(visitor: &Visitor, operator: &str) -> ClientOffer {
    let mut offer = ClientOffer::named(visitor.name).through(visitor.channel, visitor.messenger);
    offer.referer = visitor.referer.map(str::to_owned);
    visitor.tags.clone_into(&mut offer.tags);
    offer.bot_words = visitor.bot.map(str::to_owned);
    offer.words = visitor.opening.iter().map(|words| (*words).to_owned()).collect();
    if visitor.bot.is_none() {
        offer.operator = Some(operator.to_owned());
    }
    offer
}

/// Until the operator has been active for long enough with few enough sessions.
async fn wait_for_room(sim: &Twin24Sim, operator: &str, pace: Twin24Pace) {
    let mut waited = Duration::ZERO;
    loop {
        tokio::time::sleep(STEP).await;
        let open = sim.operator_id(operator).map_or(0, |id| sim.hub().read(|world| world.load(id)));
        let bot = sim.hub().read(|world| world.sessions.iter().any(|one| one.with_bot && one.closed.is_none()));
        let active = sim.status(operator) == OperatorStatus::Online;
        waited = if active && open < 2 && !bot { waited + STEP } else { Duration::ZERO };
        if waited >= if open == 0 { pace.next_session } else { pace.second_session } {
            return;
        }
    }
}

/// The client reads what operators write, thinks, types and answers, is away in
/// between, says goodbye after the last answer and leaves.
async fn converse(session: &SimSession, visitor: &Visitor, pace: Twin24Pace) {
    if visitor.bot.is_some() {
        tokio::time::sleep(pace.thinking).await;
        let _ = session.to_operator(None);
    }
    let mut seen = 0;
    for (n, reply) in visitor.replies.iter().chain([&visitor.goodbye]).enumerate() {
        if next_words(session, &mut seen, pace.patience / 4).await.is_none() {
            return give_up(session, pace).await;
        }
        tokio::time::sleep(pace.thinking / 4).await;
        session.client_reads();
        if n == 0 {
            chime_in(session, visitor, pace).await;
            pause(session, pace).await;
            // The colleague's words are not the operator's answer.
            seen = session.facts().sent.len();
        }
        tokio::time::sleep(pace.thinking / 4).await;
        session.client_types();
        tokio::time::sleep(pace.thinking).await;
        if session.client_writes(reply).is_err() {
            return;
        }
    }
    tokio::time::sleep(pace.thinking * 3).await;
    let _ = session.client_closes();
}

/// The played colleague puts a word in and then words it better, so that an edit is to be seen.
async fn chime_in(session: &SimSession, visitor: &Visitor, pace: Twin24Pace) {
    let played = session.sim().options().operators.iter().find(|one| one.played).map(|one| one.email.clone());
    let Some((email, (first, better))) = played.zip(visitor.colleague) else { return };
    let Ok(message) = session.colleague_writes(&email, first) else { return };
    tokio::time::sleep(pace.thinking).await;
    let _ = session.colleague_edits(&message, better);
}

/// The client goes offline and comes back.
async fn pause(session: &SimSession, pace: Twin24Pace) {
    session.goes_offline();
    tokio::time::sleep(pace.away).await;
    session.goes_online();
}

async fn give_up(session: &SimSession, pace: Twin24Pace) {
    let mut seen = session.facts().sent.len();
    if session.client_writes("Вы ещё здесь?").is_err() {
        return;
    }
    if next_words(session, &mut seen, pace.patience / 2).await.is_some() {
        let _ = session.client_writes("Спасибо, дальше разберусь.");
        tokio::time::sleep(pace.thinking).await;
    }
    let _ = session.client_closes();
}

/// The newest message of an operator that the client does not know; none when that does not come in time.
async fn next_words(session: &SimSession, seen: &mut usize, patience: Duration) -> Option<SentMessage> {
    let known = *seen;
    let newer = |sent: &[SentMessage]| (sent.len() > known).then(|| sent.last().cloned()).flatten();
    let answer = session.expect("an answer", patience, |facts| newer(&facts.sent)).await.ok();
    *seen = session.facts().sent.len();
    answer
}

/// Somebody is always in help; who was taken out of it is answered like anybody else.
async fn waiting(sim: &Twin24Sim, pace: Twin24Pace) {
    loop {
        let offer = ClientOffer::named(WAITING.0).through("widget", None).saying(WAITING.1).in_help();
        let Ok(session) = sim.client_starts(offer) else { return };
        if session.expect_assigned(pace.help).await.is_err() {
            let _ = session.client_closes();
            continue;
        }
        let mut seen = 0;
        if next_words(&session, &mut seen, pace.patience).await.is_some() {
            session.client_reads();
            tokio::time::sleep(pace.thinking).await;
            let _ = session.client_writes("Поняла, спасибо! 👍");
        }
        tokio::time::sleep(pace.thinking * 3).await;
        let _ = session.client_closes();
        tokio::time::sleep(pace.second_session).await;
    }
}

/// The played colleague answers in each session that comes, and corrects the words.
async fn colleague(sim: &Twin24Sim, pace: Twin24Pace) {
    let played = sim.options().operators.iter().find(|one| one.played).map(|one| (one.id, one.email.clone()));
    let Some((id, email)) = played else { return };
    loop {
        tokio::time::sleep(STEP * 5).await;
        let fresh: Vec<String> = sim.hub().read(|world| {
            let open = world.sessions.iter().filter(|one| one.operator == Some(id) && one.closed.is_none());
            open.filter(|one| !one.facts.sent.iter().any(|sent| sent.operator == email))
                .map(|one| one.id.clone())
                .collect()
        });
        for session in fresh {
            let session = SimSession::new(sim.clone(), session);
            tokio::time::sleep(pace.thinking).await;
            let Ok(message) = session.colleague_writes(&email, COLLEAGUE.0) else { continue };
            tokio::time::sleep(pace.thinking / 2).await;
            let _ = session.colleague_edits(&message, COLLEAGUE.1);
        }
    }
}
