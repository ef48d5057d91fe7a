# Operations.

action "serverspace_server_power" {
  description = "Switches a server on or off, shuts it down, reboots or resets it."
  attribute "server_id" {
    type     = string
    required = true
  }
  attribute "action" {
    type     = string
    required = true
    validate {
      condition = contains(["on", "off", "shutdown", "reboot", "reset"], value)
      message   = "The action is \"on\", \"off\" (a hard cut), \"shutdown\", \"reboot\" or \"reset\"."
    }
  }
  request "power" {
    path = "/servers/${self.server_id}/power/${self.action}"
    wait "task" {
      use = "task"
    }
  }
}

action "serverspace_snapshot_rollback" {
  description = "Takes a server back to a snapshot."
  confirm     = "overwrites the server's volumes with the snapshot"
  attribute "server_id" {
    type     = string
    required = true
  }
  attribute "snapshot_id" {
    type     = string
    required = true
  }
  request "rollback" {
    path = "/servers/${self.server_id}/snapshots/${self.snapshot_id}/rollback"
    wait "task" {
      use = "task"
    }
  }
}

action "serverspace_gateway_power" {
  description = "Starts, stops or restarts a gateway."
  attribute "gateway_id" {
    type     = string
    required = true
  }
  attribute "action" {
    type     = string
    required = true
    validate {
      condition = contains(["start", "stop", "restart"], value)
      message   = "The action is \"start\", \"stop\" or \"restart\"."
    }
  }
  request "power" {
    path = "/gateways/${self.gateway_id}/${self.action}"
    wait "task" {
      use = "task"
    }
  }
}
