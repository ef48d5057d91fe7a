# What can be done with servers, their copies and domains. Requests are accepted before the
# work is done; what came of it is looked at.

# Restoring names the copy, and the list of copies names the server by its number.
template "restore" {
  request "servers" {
    method     = "GET"
    path       = "/servers/"
    permission = "servers:list"
    paging     = "pages"
    items      = try(body.results, body)
  }
}

template "copies" {
  method = "GET"
  paging = "pages"
  items  = try(body.results, body)
}

template "restoring" {
  permission = "servers:list"
  interval   = "10s"
  timeout    = "1h"
  usually    = "1m"
  done       = contains(["active", "stopped"], response.status)
  failed     = response.status == "error"
  reason     = "the status is ${response.status}"
  progress   = response.status
}

action "vpsorg_server_power" {
  description = "Starts, stops or restarts a server, and waits until it is done."
  message     = "the server is ${response.status}"
  attribute "server_id" {
    type        = string
    required    = true
    description = "The server's uuid."
  }
  attribute "action" {
    type     = string
    required = true
    validate {
      condition = contains(["start", "stop", "restart", "hard_stop"], value)
      message   = "The action is \"start\", \"stop\", \"restart\" or \"hard_stop\"."
    }
  }
  request "power" {
    path       = "/servers/${self.server_id}/power/"
    permission = "servers:power"
    body       = { action = self.action }
  }
  wait "power" {
    path       = "/servers/${self.server_id}/"
    permission = "servers:list"
    interval   = "5s"
    timeout    = "10m"
    usually    = "10s"
    done       = response.status == (contains(["stop", "hard_stop"], self.action) ? "stopped" : "active")
    failed     = response.status == "error"
    reason     = "the status is ${response.status}"
    progress   = response.status
  }
}

action "vpsorg_server_backup" {
  description = "Makes a manual backup of a server, and waits until it is complete. It never expires, and the API cannot delete it."
  message     = try("backup ${step.backup.id}", "the backup has been asked for")
  attribute "server_id" {
    type        = string
    required    = true
    description = "The server's uuid."
  }
  request "backup" {
    path       = "/servers/${self.server_id}/backup/"
    permission = "servers:backup"
  }
  # What the request is answered with is not documented.
  wait "copying" {
    when       = can(tostring(step.backup.id))
    path       = "/backups/"
    query      = { page_size = 100 }
    permission = "backups:list"
    interval   = "10s"
    timeout    = "1h"
    usually    = "1m"
    done       = length([for b in try(body.results, body) : b if tostring(b.id) == tostring(step.backup.id) && contains(["pending", "in_progress"], b.status)]) == 0
    failed     = length([for b in try(body.results, body) : b if tostring(b.id) == tostring(step.backup.id) && b.status == "failed"]) > 0
    reason     = "the backup has failed"
    progress   = "copying"
  }
}

action "vpsorg_backup_restore" {
  use         = "restore"
  description = "Restores a server from a backup, and waits until it is done."
  confirm     = "overwrites the server's disk with the backup"
  attribute "backup_id" {
    type     = string
    required = true
  }
  request "copies" {
    use        = "copies"
    path       = "/backups/"
    permission = "backups:list"
  }
  request "restore" {
    path       = "/backups/${self.backup_id}/restore/"
    permission = "backups:*"
  }
  wait "restoring" {
    use  = "restoring"
    when = length([for s in step.servers : try(s.uuid, tostring(s.id)) if contains([for c in step.copies : tostring(c.server.id) if contains([tostring(c.id), try(c.uuid, "")], self.backup_id)], tostring(s.id))]) == 1
    path = "/servers/${one([for s in step.servers : try(s.uuid, tostring(s.id)) if contains([for c in step.copies : tostring(c.server.id) if contains([tostring(c.id), try(c.uuid, "")], self.backup_id)], tostring(s.id))])}/"
  }
}

action "vpsorg_snapshot_restore" {
  use         = "restore"
  description = "Restores a server from a snapshot, and waits until it is done."
  confirm     = "overwrites the server's disk with the snapshot"
  attribute "snapshot_id" {
    type     = string
    required = true
  }
  request "copies" {
    use        = "copies"
    path       = "/snapshots/"
    permission = "snapshots:list"
  }
  request "restore" {
    path       = "/snapshots/${self.snapshot_id}/restore/"
    permission = "snapshots:*"
  }
  wait "restoring" {
    use  = "restoring"
    when = length([for s in step.servers : try(s.uuid, tostring(s.id)) if contains([for c in step.copies : tostring(c.server.id) if contains([tostring(c.id), try(c.uuid, "")], self.snapshot_id)], tostring(s.id))]) == 1
    path = "/servers/${one([for s in step.servers : try(s.uuid, tostring(s.id)) if contains([for c in step.copies : tostring(c.server.id) if contains([tostring(c.id), try(c.uuid, "")], self.snapshot_id)], tostring(s.id))])}/"
  }
}

action "vpsorg_domain_renew" {
  description = "Renews a domain."
  confirm     = "spends money; a renewal cannot be taken back"
  attribute "domain_id" {
    type     = string
    required = true
  }
  attribute "years" {
    type    = number
    default = 1
    validate {
      condition = value >= 1 && value <= 10
      message   = "The number of years is from 1 to 10."
    }
  }
  request "renew" {
    path       = "/domains/${self.domain_id}/renew/"
    permission = "domains:renew"
    body       = { years = self.years }
  }
}
