//! Demo mode: customers who follow what the agent does, a colleague for
//! transfers, a queue of others for supervisors to listen to, requests in the
//! pull lists, and announcements.

use std::time::Duration;

use super::options::{CustomerOffer, ExpertflowAgent, ExpertflowOptions, ExpertflowQueue};
use super::sim::ExpertflowSim;
use super::sim_chat::SimChat;
use super::world::Conversation;
use super::{colleagues, demo_lists as lists, picture};

/// How fast the demo's people are.
#[derive(Clone, Copy, Debug)]
pub struct ExpertflowPace {
    /// From being ready without a chat to the next one.
    pub next_chat: Duration,
    /// From then on to a second one beside it.
    pub second_chat: Duration,
    /// What a customer takes to answer.
    pub thinking: Duration,
    /// How long a customer waits for an agent or for an answer.
    pub patience: Duration,
    /// Between two lines in the chats of other agents.
    pub others: Duration,
    /// Between two requests in the pull lists; the first comes at once.
    pub pull: Duration,
    /// Until the first announcement; the next ones replace it ten times as far apart.
    pub announcement: Duration,
    /// Until a colleague who was logged out is back.
    pub back: Duration,
}

impl Default for ExpertflowPace {
    fn default() -> Self {
        Self {
            next_chat: Duration::from_secs(8),
            second_chat: Duration::from_secs(60),
            thinking: Duration::from_secs(4),
            patience: Duration::from_secs(240),
            others: Duration::from_secs(7),
            pull: Duration::from_secs(60),
            announcement: Duration::from_secs(90),
            back: Duration::from_secs(45),
        }
    }
}

struct Visitor {
    name: &'static str,
    number: &'static str,
    channel: &'static str,
    opening: &'static str,
    bot: Option<&'static str>,
    data: &'static [(&'static str, &'static str)],
    /// Said one by one, each after something from the agent.
    replies: &'static [&'static str],
    goodbye: &'static str,
    /// The customer sends a picture with that reply.
    picture: Option<(usize, &'static str)>,
}

const VISITORS: [Visitor; 4] = [
    Visitor {
        name: "Farah Example",
        number: "+12025550145",
        channel: "WEB",
        opening: "Hello, my parcel should have been here yesterday.",
        bot: Some("Welcome! I am looking for a colleague who can help you."),
        data: &[("orderNumber", "A-20517"), ("page", "/orders")],
        replies: &["The order number is A-20517.", "Can it be left with a neighbour?"],
        goodbye: "Perfect, thank you very much!",
        picture: None,
    },
    Visitor {
        name: "Gustav Muster",
        number: "+12025550167",
        channel: "WHATSAPP",
        opening: "Hi! One side of my headset stays silent.",
        bot: None,
        data: &[("product", "H-100")],
        replies: &[
            "I have tried it on two phones.",
            "Here is a picture of the plug.",
            "How long does the exchange take?",
        ],
        goodbye: "All right, I will send it in. Bye!",
        picture: Some((1, "plug.png")),
    },
    Visitor {
        name: "Hana Specimen",
        number: "+12025550189",
        channel: "WEB",
        opening: "I was charged twice for November, could you have a look?",
        bot: Some("Please have your invoice ready."),
        data: &[("invoice", "2026-11"), ("language", "en")],
        replies: &["84.20 both times.", "On the same day, yes.", "So I will get one of them back?"],
        goodbye: "Thanks for sorting it out.",
        picture: None,
    },
    Visitor {
        name: "Chris Sample",
        number: "+12025550123",
        channel: "WEB",
        opening: "Good day, does the desk come in walnut as well?",
        bot: None,
        data: &[("page", "/products/desks")],
        replies: &["That is the one I have now, see the picture.", "And is it in stock?"],
        goodbye: "Lovely, I will order it tonight.",
        picture: Some((0, "desk.png")),
    },
];

/// One agent (adams), who supervises the team Retail too; a colleague (brown)
/// for transfers, and two played agents of that team with chats of their own,
/// who answer whispers. The token lasts as long as one of a real installation.
#[must_use]
pub fn demo_options() -> ExpertflowOptions {
    let mut adams = ExpertflowAgent::named(1101, "adams", "Ada", "Adams").only_queue("Web Care");
    adams.supervises.push("Retail".to_owned());
    let retail = |number: u32, username: &str, first: &str, last: &str| {
        let mut agent = ExpertflowAgent::named(number, username, first, last).only_queue("Retail").played();
        agent.team = "Retail".to_owned();
        agent.max_chats = 1;
        agent
    };
    let agents = vec![
        adams,
        ExpertflowAgent::named(1102, "brown", "Ben", "Brown").only_queue("Billing").played(),
        ExpertflowAgent::named(1200, "clark", "Cleo", "Clark").supervising("Support").supervising("Retail"),
        retail(1103, "davis", "Dora", "Davis"),
        retail(1104, "evans", "Emil", "Evans"),
    ];
    let usual = ExpertflowOptions::default();
    let mut queues = usual.queues.clone();
    queues.push(ExpertflowQueue { id: "68a10000000000000000aa03".to_owned(), name: "Retail".to_owned() });
    ExpertflowOptions { agents, queues, ..usual }.with_wrap_up(Duration::from_secs(60))
}

/// Chats for ever, for the first agent of the options. Meant for `tokio::spawn`.
pub async fn demo(sim: &ExpertflowSim, pace: ExpertflowPace) {
    let Some(agent) = sim.options().agents.iter().find(|agent| !agent.played).map(|agent| agent.username.clone())
    else {
        return;
    };
    let Some(queue) = sim.options().agents.iter().find(|a| a.username == agent).and_then(|a| a.queues.first().cloned())
    else {
        return;
    };
    tokio::join!(
        visitors(sim, &agent, &queue, pace),
        colleagues::others(sim, pace),
        lists::requests(sim, pace),
        lists::announcements(sim, pace),
        colleagues::come_back(sim, pace),
    );
}

async fn visitors(sim: &ExpertflowSim, agent: &str, queue: &str, pace: ExpertflowPace) {
    for n in 0.. {
        let Some(visitor) = VISITORS.get(n % VISITORS.len()) else { return };
        wait_for_room(sim, agent, queue, pace).await;
        let mut offer = CustomerOffer::of(visitor.name, queue)
            .through(visitor.channel)
            .number(visitor.number)
            .saying(visitor.opening);
        offer.bot_words = visitor.bot.map(str::to_owned);
        offer.data.extend(visitor.data.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        match sim.customer_chats(offer) {
            Ok(chat) => {
                tracing::info!(number = n + 1, "the demo offers a chat");
                let sim = sim.clone();
                tokio::spawn(async move {
                    tokio::join!(converse(&chat, visitor, pace), colleagues::help(&sim, &chat, pace));
                });
            }
            Err(error) => {
                tracing::warn!(%error, "the demo's chats end");
                return;
            }
        }
    }
}

/// Until the agent has been ready for long enough with few enough chats.
async fn wait_for_room(sim: &ExpertflowSim, agent: &str, queue: &str, pace: ExpertflowPace) {
    const STEP: Duration = Duration::from_millis(200);
    let mut waited = Duration::ZERO;
    loop {
        tokio::time::sleep(STEP).await;
        let ready = matches!(sim.chat_state(agent), "READY" | "ACTIVE") && sim.is_online(agent);
        let open = open_chats(sim, agent, queue);
        waited = if ready && open < 2 { waited + STEP } else { Duration::ZERO };
        if waited >= if open == 0 { pace.next_chat } else { pace.second_chat } {
            return;
        }
    }
}

/// Chats that are with the agent or on their way; what the agent listens to or pulled does not count.
fn open_chats(sim: &ExpertflowSim, agent: &str, queue: &str) -> usize {
    let Ok(agent) = sim.agent_id(agent) else { return 0 };
    sim.hub().read(|world| {
        let open = |found: &&Conversation| {
            let waits = found.facts.accepted.is_empty() && found.facts.customer_left.is_none();
            let inside = found.participant(&agent).is_some();
            found.offer.queue == queue && (inside || waits)
        };
        world.conversations.values().filter(open).count()
    })
}

/// The customer reads what agents write, thinks, types and answers; says
/// goodbye after the last answer and leaves.
async fn converse(chat: &SimChat, visitor: &Visitor, pace: ExpertflowPace) {
    if chat.expect_accepted(pace.patience).await.is_err() {
        return chat.customer_leaves();
    }
    let mut seen = 0;
    for (n, reply) in visitor.replies.iter().chain([&visitor.goodbye]).enumerate() {
        if !next_words(chat, &mut seen, pace.patience / 4).await {
            // Once more, before the customer gives up.
            let asked = chat.customer_writes("Are you still there?").is_ok();
            if !asked || !next_words(chat, &mut seen, pace.patience / 2).await {
                return chat.customer_leaves();
            }
        }
        tokio::time::sleep(pace.thinking / 4).await;
        chat.customer_reads();
        tokio::time::sleep(pace.thinking / 4).await;
        chat.customer_types();
        tokio::time::sleep(pace.thinking).await;
        if chat.customer_writes(reply).is_err() {
            return;
        }
        if let Some((_, name)) = visitor.picture.filter(|(at, _)| *at == n) {
            let bytes = picture::png(240, 160, [96, 165, 250]);
            let _ = chat.customer_sends_file(name, "image/png", &bytes);
        }
    }
    tokio::time::sleep(pace.thinking * 3).await;
    chat.customer_leaves();
}

/// Waits for something new to the customer; false when that does not come in time.
pub(super) async fn next_words(chat: &SimChat, seen: &mut usize, patience: Duration) -> bool {
    let known = *seen;
    let count = |chat: &SimChat| chat.messages().iter().filter(|m| m.name == "AGENT_MESSAGE").count();
    let heard = tokio::time::timeout(patience, async {
        while count(chat) <= known {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    let heard = heard.await.is_ok();
    *seen = count(chat);
    heard
}
