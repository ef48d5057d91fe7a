//! Backups of a server: a schedule, and the points that it can be restored to.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::clock::later;
use crate::fields::{FieldError, Fields};

use super::CLOUD;
use super::answer::{Answer, Failure, INVALID, not_found, ok, refuse};
use super::catalog::{LOCATIONS, Location, location};
use super::input::{body, int, required_int};
use super::life::{Life, time};
use super::servers::{self, Nic, Server, Volume, added, changed, find, save};
use super::tasks;

/// Virtual seconds that a change of the schedule and a copy take, and until a copy nearby is there.
const CHANGE: f64 = 8.0;
const COPY: f64 = 30.0;
const NEARBY: f64 = 90.0;
/// Copies of each kind at most, and unless told otherwise.
const MOST_KEPT: i64 = 30;
const KEPT: i64 = 7;
/// Days that a point made by hand is kept.
const BY_HAND_DAYS: i64 = 30;

/// When copies are made and how many are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    hour: i64,
    minute: i64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    daily: Option<Keep>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    weekly: Option<Keep>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    monthly: Option<Keep>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Keep {
    keep: i64,
    backup_storage_id: i64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    weekday: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    day_of_month: Option<String>,
}

/// A copy of a server.
#[derive(Debug, Serialize, Deserialize)]
pub struct RestorePoint {
    id: i64,
    name: String,
    created: Timestamp,
    gone_at: Option<Timestamp>,
}

impl RestorePoint {
    fn active(&self, now: Timestamp) -> bool {
        now >= later(self.created, COPY)
    }

    fn view(&self, server: &Server, now: Timestamp) -> Value {
        let keep_until = self
            .created
            .saturating_add(SignedDuration::from_hours(BY_HAND_DAYS * 24));
        json!({
            "id": self.id,
            "server_id": server.id,
            "name": self.name,
            "size_mb": if self.active(now) { 2048 } else { 0 },
            "backup_storage_id": server.site().map(storage_id),
            "state": if self.active(now) { "active" } else { "in_progress" },
            "created": time(self.created),
            "retained_by": [],
            "keep_until": time(keep_until.unwrap_or(Timestamp::MAX)),
            "is_manual": true,
        })
    }
}

/// Each location has one storage.
fn storage_id(site: &Location) -> i64 {
    i64::from(site.number) + 1
}

fn catalogue(site: &Location) -> Answer {
    let others: Vec<&str> = LOCATIONS
        .iter()
        .map(|location| location.id)
        .filter(|id| *id != site.id)
        .collect();
    let limit = json!({"max_keep": MOST_KEPT, "default_keep": KEPT});
    ok(json!({
        "storages": [{
            "id": storage_id(site),
            "name": format!("Backup {}", site.id),
            "sort_order": 1,
            "price_per_gb": 0.05,
            "location_id": site.id,
            "restore_location_ids": others,
        }],
        "limits": {
            "schedule_window_from_hour": 0,
            "schedule_window_to_hour": 23,
            "daily": limit,
            "weekly": limit,
            "monthly": limit,
        },
    }))
}

/// `GET backup/storages`
pub fn storages(call: &Call<'_>) -> Answer {
    catalogue(location(
        call.request.query("location_id").unwrap_or_default(),
    )?)
}

/// `GET servers/{id}/backup/storages`
pub fn storages_of_server(call: &Call<'_>) -> Answer {
    catalogue(location(&find(call)?.location)?)
}

/// Reads a schedule.
pub fn schedule(site: &Location, body: &Fields) -> Result<Schedule, Failure> {
    let within = |field: &str, most: i64| match required_int(body, field)? {
        number if (0..=most).contains(&number) => Ok(number),
        _ => Err(FieldError::new(field, format!("must be from 0 to {most}"))),
    };
    let (hour, minute) = (within("hour", 23)?, within("minute", 59)?);
    let keep = |field: &str| -> Result<Option<Keep>, Failure> {
        let Some(value) = body.get(field) else {
            return Ok(None);
        };
        let inner = Fields::inside(field, value)?;
        let wrong = |text: &str| refuse(INVALID, format!("{field} {text}"));
        let count = int(&inner, "keep")?.unwrap_or(KEPT);
        if !(1..=MOST_KEPT).contains(&count) {
            return Err(wrong("must keep from 1 to 30 copies"));
        }
        let storage = required_int(&inner, "backup_storage_id")?;
        if storage != storage_id(site) {
            return Err(wrong("names an unknown backup storage"));
        }
        let weekday = match (field, int(&inner, "weekday")?) {
            ("weekly", Some(day @ 1..=7)) => Some(day),
            ("weekly", _) => return Err(wrong("needs a weekday from 1 to 7")),
            _ => None,
        };
        let day_of_month = match (field, inner.text("day_of_month")?) {
            ("monthly", Some(day))
                if day == "last" || day.parse().is_ok_and(|day: u8| (1..=28).contains(&day)) =>
            {
                Some(day.to_owned())
            }
            ("monthly", _) => return Err(wrong("needs a day_of_month from 1 to 28, or last")),
            _ => None,
        };
        Ok(Some(Keep {
            keep: count,
            backup_storage_id: storage,
            weekday,
            day_of_month,
        }))
    };
    let schedule = Schedule {
        hour,
        minute,
        daily: keep("daily")?,
        weekly: keep("weekly")?,
        monthly: keep("monthly")?,
    };
    if schedule.daily.is_none() && schedule.weekly.is_none() && schedule.monthly.is_none() {
        return Err(refuse(INVALID, "A schedule is daily, weekly or monthly"));
    }
    Ok(schedule)
}

/// `GET servers/{id}/backup`: without a wrapper.
pub fn read(call: &Call<'_>) -> Answer {
    let server = find(call)?;
    ok(json!({"enabled": server.backup.is_some(), "schedule": server.backup}))
}

/// `POST servers/{id}/backup` and `PUT servers/{id}/backup`: nothing to do is done at once.
pub fn set(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    let new = schedule(location(&server.location)?, &body(call.request)?)?;
    if server.backup.as_ref() == Some(&new) {
        return tasks::answer_done();
    }
    server.backup = Some(new);
    server.life.change(call.now, CHANGE)?;
    save(call.db, &server)?;
    changed(call, &server, "UpdateBackup", None, CHANGE)
}

/// `DELETE servers/{id}/backup`: with all copies; always answers with a task.
pub fn disable(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    server.backup = None;
    server.life.change(call.now, CHANGE)?;
    for point in &mut server.restore_points {
        point.gone_at.get_or_insert(later(call.now, CHANGE));
    }
    save(call.db, &server)?;
    changed(call, &server, "DisableBackup", None, CHANGE)
}

fn exists(point: &RestorePoint, now: Timestamp) -> bool {
    servers::here(point.gone_at, now)
}

/// `GET servers/{id}/backup/restore-points`
pub fn points(call: &Call<'_>) -> Answer {
    let server = find(call)?;
    let here = server
        .restore_points
        .iter()
        .filter(|point| exists(point, call.now));
    ok(
        json!({"restore_points": here.map(|point| point.view(&server, call.now)).collect::<Vec<_>>()}),
    )
}

/// `POST servers/{id}/backup/restore-points`
pub fn copy(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    if server.backup.is_none() {
        return Err(refuse(INVALID, "Backups of this server are not enabled"));
    }
    let name = Fields::of(call.request)?
        .text("name")?
        .unwrap_or("manual")
        .to_owned();
    server.life.change(call.now, CHANGE)?;
    let id = call.db.next_number(CLOUD, "restore_point", 701)?;
    server.restore_points.push(RestorePoint {
        id,
        name,
        created: call.now,
        gone_at: None,
    });
    save(call.db, &server)?;
    added(
        call,
        &server,
        "CreateRestorePoint",
        ("restore_point", id),
        CHANGE,
    )
}

/// The id of the path's point, which must be finished.
fn finished(call: &Call<'_>, server: &Server) -> Result<i64, Failure> {
    let id = call.request.param("point");
    let found = server
        .restore_points
        .iter()
        .find(|point| point.id.to_string() == id && exists(point, call.now));
    let point = found.ok_or_else(|| not_found("restore point"))?;
    if point.active(call.now) {
        Ok(point.id)
    } else {
        Err(refuse(INVALID, "The restore point is not finished"))
    }
}

/// `POST servers/{id}/backup/restore-points/{rid}/restore`
pub fn restore(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    let id = finished(call, &server)?;
    server.life.change(call.now, COPY)?;
    save(call.db, &server)?;
    changed(
        call,
        &server,
        "RestoreBackup",
        Some(("restore_point", id)),
        COPY,
    )
}

/// `POST …/restore-nearby`: into a new server, which the task does not name.
pub fn restore_nearby(call: &Call<'_>) -> Answer {
    let server = find(call)?;
    let id = finished(call, &server)?;
    let body = Fields::of(call.request)?;
    let site = location(body.text("location_id")?.unwrap_or(&server.location))?;
    let mut volumes = Vec::new();
    for volume in server.volumes(call.now) {
        let id = call.db.next_number(CLOUD, "volume", 901)?;
        volumes.push(Volume {
            id,
            name: volume.name.clone(),
            size_mb: volume.size_mb,
            created: call.now,
            gone_at: None,
        });
    }
    let nics: Vec<Nic> = vec![servers::public_nic(
        call,
        site,
        super::catalog::BANDWIDTH_MIN,
    )?];
    let nearby = Server {
        id: format!(
            "l{}s{}",
            site.number,
            call.db.next_number(CLOUD, "server", 104)?
        ),
        name: format!("{}-restored", server.name),
        location: site.id.to_owned(),
        image: server.image.clone(),
        cpu: server.cpu,
        ram_mb: server.ram_mb,
        powered_on: true,
        password: server.password.clone(),
        volumes,
        nics,
        snapshots: Vec::new(),
        ssh_keys: server.ssh_keys.clone(),
        tags: Vec::new(),
        applications: Vec::new(),
        affinity_group: None,
        backup: None,
        restore_points: Vec::new(),
        life: Life::begin(call.now, NEARBY, false),
    };
    servers::collection(call.db).insert(&nearby.id, None, &nearby)?;
    changed(
        call,
        &server,
        "RestoreBackupNearby",
        Some(("restore_point", id)),
        NEARBY,
    )
}

/// `DELETE …/restore-points/{rid}`
pub fn delete(call: &Call<'_>) -> Answer {
    let mut server = find(call)?;
    let id = finished(call, &server)?;
    server.life.change(call.now, CHANGE)?;
    for point in server
        .restore_points
        .iter_mut()
        .filter(|point| point.id == id)
    {
        point.gone_at = Some(later(call.now, CHANGE));
    }
    save(call.db, &server)?;
    changed(
        call,
        &server,
        "DeleteRestorePoint",
        Some(("restore_point", id)),
        CHANGE,
    )
}
