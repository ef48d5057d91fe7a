# What can be done with servers, their copies and domains.

action "vpsorg_server_power" {
  description = "Starts, stops or restarts a server."
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
}

action "vpsorg_server_backup" {
  description = "Makes a manual backup of a server. It never expires, and the API cannot delete it."
  attribute "server_id" {
    type        = string
    required    = true
    description = "The server's uuid."
  }
  request "backup" {
    path       = "/servers/${self.server_id}/backup/"
    permission = "servers:backup"
  }
}

action "vpsorg_backup_restore" {
  description = "Restores a server from a backup."
  confirm     = "overwrites the server's disk with the backup"
  attribute "backup_id" {
    type     = string
    required = true
  }
  request "restore" {
    path       = "/backups/${self.backup_id}/restore/"
    permission = "backups:*"
  }
}

action "vpsorg_snapshot_restore" {
  description = "Restores a server from a snapshot."
  confirm     = "overwrites the server's disk with the snapshot"
  attribute "snapshot_id" {
    type     = string
    required = true
  }
  request "restore" {
    path       = "/snapshots/${self.snapshot_id}/restore/"
    permission = "snapshots:*"
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
