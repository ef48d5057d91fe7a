# What can be done with the server and the domain. It happens with a change (see the
# action_trigger of the server), or by name, such as
#
#   loam invoke action.vpsorg_server_power.restart
#
# What overwrites a disk or spends money asks first.

# A manual backup. It never expires, and the API cannot delete it: it goes with its server.
action "vpsorg_server_backup" "api" {
  config {
    server_id = vpsorg_server.api.id
  }
}

action "vpsorg_server_power" "restart" {
  config {
    server_id = vpsorg_server.api.id
    action    = "restart"
  }
}

action "vpsorg_snapshot_restore" "api" {
  config {
    snapshot_id = vpsorg_snapshot.before_upgrade.id
  }
}

action "vpsorg_backup_restore" "latest" {
  config {
    backup_id = try(data.vpsorg_backups.api.backups[0].id, "none yet")
  }
}

action "vpsorg_domain_renew" "own" {
  config {
    domain_id = vpsorg_domain.own.id
    years     = 1
  }
}
