//! Announcements of supervisors to teams.

use std::time::Duration;

use serde_json::{Value, json};

use super::error::ExpertflowError;
use super::shapes;
use super::sim::ExpertflowSim;
use super::world::{Timer, World, object_id};

/// Milliseconds since 1970 of a time such as `2026-08-30T10:00:00.000Z`; none for another form.
pub(super) fn millis(time: &str) -> Option<i64> {
    let (date, clock) = time.strip_suffix('Z')?.split_once('T')?;
    let numbers = |text: &str, between: char| {
        text.split(between).map(|part| part.parse::<i64>().ok()).collect::<Option<Vec<i64>>>()
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let (date, clock) = (numbers(date, '-')?, numbers(clock, ':')?);
    let (&[year, month, day], &[hour, minute, second]) = (date.as_slice(), clock.as_slice()) else { return None };
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // Days since 1970 from the civil date (the usual era arithmetic).
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    let fraction: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    Some((((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + fraction)
}

/// `2026-08-30T10:00:00.000Z`
fn time(millis: i64) -> String {
    crate::moment::iso_time(millis as f64 / 1000.0)
}

impl World {
    /// Where an announcement stands: `scheduled`, `active` or `expired`.
    fn announcement_status(&self, row: &Value) -> &'static str {
        let at = |member: &str| row[member].as_str().and_then(millis);
        let now = self.now();
        if at("scheduledTime").is_some_and(|time| time > now) {
            "scheduled"
        } else if at("expiryTime").is_some_and(|time| time <= now) {
            "expired"
        } else {
            "active"
        }
    }

    fn announcement_row(&self, row: &Value) -> Value {
        let mut row = row.clone();
        row["status"] = json!(self.announcement_status(&row));
        row
    }

    /// All announcements, the oldest first, with their status.
    pub fn announcement_rows(&self) -> Vec<Value> {
        self.announcements.iter().map(|row| self.announcement_row(row)).collect()
    }

    /// Keeps an announcement, which its teams are told at its time; gives it as kept.
    pub fn announce(&mut self, mut row: Value) -> Value {
        let id = object_id();
        row["_id"] = json!(id);
        row["seenBy"] = json!([]);
        if row["scheduledTime"].is_null() {
            row["scheduledTime"] = json!(time(self.now()));
        }
        self.announcements.push(row.clone());
        self.publish_announcement(&id);
        self.announcement_row(&row)
    }

    /// Tells the teams of an announcement, or later when its time has not come.
    pub fn publish_announcement(&mut self, id: &str) {
        let Some(row) = self.announcements.iter().find(|row| row["_id"] == id).cloned() else { return };
        match self.announcement_status(&row) {
            "scheduled" => {
                let at = row["scheduledTime"].as_str().and_then(millis).unwrap_or_default();
                let wait = u64::try_from(at - self.now()).unwrap_or(0);
                self.later(Duration::from_millis(wait), Timer::Announce { id: id.to_owned() });
            }
            "active" => {
                let row = self.announcement_row(&row);
                self.tell_teams("ANNOUNCEMENT_CREATED", &row);
            }
            _ => {}
        }
    }

    /// It is taken back; false when there was none.
    pub fn withdraw(&mut self, id: &str) -> bool {
        let Some(at) = self.announcements.iter().position(|row| row["_id"] == id) else { return false };
        let row = self.announcements.remove(at);
        self.tell_teams("ANNOUNCEMENT_DELETED", &row);
        true
    }

    /// The agent has seen it; the announcement as it is kept then.
    pub fn announcement_seen(&mut self, id: &str, agent: &str) -> Option<Value> {
        let row = self.announcements.iter_mut().find(|row| row["_id"] == id)?;
        let seen = row["seenBy"].as_array_mut()?;
        if !seen.iter().any(|one| *one == agent) {
            seen.push(json!(agent));
        }
        let row = row.clone();
        Some(self.announcement_row(&row))
    }

    fn tell_teams(&mut self, event: &str, row: &Value) {
        let teams = row["teams"].as_array().cloned().unwrap_or_default();
        let told: Vec<String> = self
            .agents
            .values()
            .filter(|agent| {
                let team = &shapes::team(&agent.profile.team)["teamId"];
                agent.logged_in && teams.iter().any(|one| one["teamId"] == *team)
            })
            .map(|agent| agent.profile.id.clone())
            .collect();
        for agent in told {
            self.emit(&agent, event, row.clone());
        }
    }
}

impl ExpertflowSim {
    /// A supervisor's announcement to teams, by name, for one day; gives its id.
    #[must_use]
    pub fn announce(&self, supervisor: &str, text: &str, teams: &[&str]) -> String {
        self.announce_for(supervisor, text, teams, Duration::ZERO, Duration::from_secs(86_400))
    }

    /// The same, told after a while, and expired so long after that; gives its id.
    #[must_use]
    pub fn announce_for(
        &self,
        supervisor: &str,
        text: &str,
        teams: &[&str],
        after: Duration,
        lasts: Duration,
    ) -> String {
        let by = self.agent_id(supervisor).unwrap_or_default();
        let teams: Vec<Value> = teams.iter().map(|name| shapes::team(name)).collect();
        let span = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX / 4);
        let row = self.hub().act(|world| {
            let begins = world.now() + span(after);
            world.announce(json!({
                "announcementText": text, "priority": "High", "scheduledTime": time(begins),
                "expiryTime": time(begins + span(lasts)), "supervisorId": by, "supervisorName": supervisor,
                "teams": teams,
            }))
        });
        row["_id"].as_str().unwrap_or_default().to_owned()
    }

    /// Takes an announcement back; false when there is none of that id.
    pub fn withdraw_announcement(&self, id: &str) -> bool {
        self.hub().act(|world| world.withdraw(id))
    }

    /// All announcements as REST gives them, the oldest first.
    #[must_use]
    pub fn announcements(&self) -> Vec<Value> {
        self.hub().read(World::announcement_rows)
    }

    /// Usernames of those who have seen it, in order.
    #[must_use]
    pub fn announcement_seen_by(&self, id: &str) -> Vec<String> {
        self.hub().read(|world| {
            let row = world.announcements.iter().find(|row| row["_id"] == id);
            let seen = row.and_then(|row| row["seenBy"].as_array()).cloned().unwrap_or_default();
            seen.iter().filter_map(Value::as_str).map(|agent| world.username(agent)).collect()
        })
    }

    /// Waits until that agent has seen it.
    ///
    /// # Errors
    /// [`ExpertflowError::Expected`] when that does not happen in time.
    pub async fn expect_announcement_seen(
        &self,
        id: &str,
        agent: &str,
        within: Duration,
    ) -> Result<(), ExpertflowError> {
        let seen = |sim: &Self| sim.announcement_seen_by(id).iter().any(|have| have == agent).then_some(());
        self.expect("the announcement to be seen", within, seen).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_written() {
        for at in [0, 951_782_400_000, 1_788_100_000_123, 4_102_444_799_999] {
            assert_eq!(millis(&time(at)), Some(at), "{}", time(at));
        }
        assert_eq!(millis("2026-08-30T10:00:00Z"), millis("2026-08-30T10:00:00.000Z"));
        for bad in ["", "tomorrow", "2026-13-01T00:00:00Z", "2026-08-30 10:00", "2026-08-30T10:00:00"] {
            assert_eq!(millis(bad), None, "{bad}");
        }
    }
}
