# Operations.

action "serverspace_server_power" {
  description = "Switches a server on or off, shuts it down, reboots or resets it."
  exclusive   = self.server_id
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
    wait "active" {
      use  = "server"
      path = "/servers/${self.server_id}"
    }
  }
}

action "serverspace_snapshot_rollback" {
  description = "Takes a server back to a snapshot."
  confirm     = "overwrites the server's volumes with the snapshot"
  exclusive   = self.server_id
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
    wait "active" {
      use  = "server"
      path = "/servers/${self.server_id}"
    }
  }
}

action "serverspace_gateway_power" {
  description = "Starts, stops or restarts a gateway."
  exclusive   = self.gateway_id
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
    wait "active" {
      use  = "gateway"
      path = "/gateways/${self.gateway_id}"
    }
  }
}

action "serverspace_server_backup_now" {
  description = "Makes a restore point of a server whose backups are on, and waits until it can be used."
  message     = "restore point ${max([for p in response.restore_points : p.id]...)}"
  exclusive   = self.server_id
  attribute "server_id" {
    type     = string
    required = true
  }
  attribute "name" {
    type        = string
    optional    = true
    description = "The restore point's name."
  }
  request "copy" {
    path = "/servers/${self.server_id}/backup/restore-points"
    body = { name = self.name }
    wait "task" {
      use = "task"
    }
  }
  # Whether it worked is told by the point, not by the task.
  wait "copying" {
    path     = "/servers/${self.server_id}/backup/restore-points"
    interval = "5s"
    delay    = "0s"
    timeout  = "1h"
    usually  = "30s"
    done     = !contains(response.restore_points[*].state, "in_progress")
    failed   = contains([for p in response.restore_points : p.state if p.id == max(response.restore_points[*].id...)], "failed")
    reason   = "the restore point has failed"
    progress = "copying"
  }
}

action "serverspace_server_backup_restore" {
  description = "Takes a server back to a restore point."
  confirm     = "overwrites the server's volumes with the backup"
  exclusive   = self.server_id
  attribute "server_id" {
    type     = string
    required = true
  }
  attribute "restore_point_id" {
    type     = number
    required = true
  }
  request "restore" {
    path = "/servers/${self.server_id}/backup/restore-points/${self.restore_point_id}/restore"
    wait "task" {
      use = "task"
    }
    wait "active" {
      use  = "server"
      path = "/servers/${self.server_id}"
    }
  }
}

action "serverspace_server_backup_restore_nearby" {
  description = "Makes another server from a restore point. The API does not name it: it has to be imported to be managed."
  confirm     = "makes another server, which costs money and is not managed until it is imported"
  exclusive   = self.server_id
  attribute "server_id" {
    type     = string
    required = true
  }
  attribute "restore_point_id" {
    type     = number
    required = true
  }
  attribute "location_id" {
    type        = string
    optional    = true
    description = "Where; the place of the server if not set."
  }
  request "restore" {
    path = "/servers/${self.server_id}/backup/restore-points/${self.restore_point_id}/restore-nearby"
    body = { location_id = self.location_id }
    wait "task" {
      use = "task"
    }
  }
}

action "serverspace_server_backup_delete" {
  description = "Deletes one backup of a server."
  confirm     = "deletes the backup"
  exclusive   = self.server_id
  attribute "server_id" {
    type     = string
    required = true
  }
  attribute "restore_point_id" {
    type     = number
    required = true
  }
  request "delete" {
    use  = "removal"
    path = "/servers/${self.server_id}/backup/restore-points/${self.restore_point_id}"
  }
}

action "serverspace_vmware_server_power" {
  description = "Switches a server of the VMware section on or off, shuts it down, reboots or resets it."
  exclusive   = "vmware server ${self.server_id}"
  attribute "server_id" {
    type     = number
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
    path = "/vmware/servers/${self.server_id}/power/${self.action}"
    wait "task" {
      use = "task"
    }
  }
}

action "serverspace_vmware_snapshot_restore" {
  description = "Takes a server of the VMware section back to its snapshot."
  confirm     = "overwrites the server's disks with the snapshot"
  exclusive   = "vmware server ${self.server_id}"
  attribute "server_id" {
    type     = number
    required = true
  }
  request "restore" {
    path = "/vmware/servers/${self.server_id}/snapshot/restore"
    wait "task" {
      use = "task"
    }
  }
}

action "serverspace_vmware_server_rebuild" {
  description = "Makes a new server in place of one of the VMware section, which is deleted. The new one has another id: import it."
  confirm     = "deletes the server with its disks"
  exclusive   = "vmware server ${self.server_id}"
  attribute "server_id" {
    type     = number
    required = true
  }
  request "rebuild" {
    path = "/vmware/servers/${self.server_id}/rebuild"
    body = {}
    wait "task" {
      use     = "task"
      timeout = "60m"
    }
  }
  message = "the new server has the id ${step.rebuild.server_id}"
}

action "serverspace_kubernetes_ingress" {
  description = "Adds an ingress to a group of nodes."
  attribute "cluster_id" {
    type     = string
    required = true
  }
  attribute "node_group_id" {
    type     = string
    required = true
  }
  request "ingress" {
    path = "/k8s_clusters/${self.cluster_id}/node_groups/${self.node_group_id}/ingress"
    wait "task" {
      use = "task"
    }
  }
}
