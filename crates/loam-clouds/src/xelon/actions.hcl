# What is done to objects without changing what the configuration says of them.

template "of_device" {
  attribute "device_id" {
    type     = string
    required = true
  }
}

# Looking whether a device has done what it was asked for.
template "device_power" {
  use     = "settling"
  path    = "/devices/${self.device_id}"
  usually = "15s"
}

action "xelon_device_start" {
  use         = "of_device"
  description = "Powers a device on, and waits until it is."
  request "start" {
    path       = "/devices/${self.device_id}/start"
    idempotent = true
    wait "on" {
      use  = "device_power"
      done = response.isPoweredOn
    }
  }
}

action "xelon_device_stop" {
  use         = "of_device"
  description = "Shuts a device down, and waits until it is off."
  request "stop" {
    path       = "/devices/${self.device_id}/stop"
    idempotent = true
    wait "off" {
      use  = "device_power"
      done = !response.isPoweredOn
    }
  }
}

action "xelon_device_restart" {
  use         = "of_device"
  description = "Shuts a device down and powers it on again."
  request "stop" {
    path       = "/devices/${self.device_id}/stop"
    idempotent = true
    wait "off" {
      use  = "device_power"
      done = !response.isPoweredOn
    }
  }
  request "start" {
    path       = "/devices/${self.device_id}/start"
    idempotent = true
    wait "on" {
      use  = "device_power"
      done = response.isPoweredOn
    }
  }
}

action "xelon_device_snapshot_delete" {
  use         = "of_device"
  description = "Deletes a snapshot of a device, or all of them."
  confirm     = "deletes snapshots for good"
  attribute "snapshot_id" {
    type        = string
    optional    = true
    description = "The snapshot; all of them if it is not set."
  }
  attribute "remove_children" {
    type        = bool
    default     = true
    description = "Delete what was made after it, too."
  }
  request "snapshots" {
    use    = "pages"
    method = "GET"
    path   = "/devices/${self.device_id}/snapshots"
    expect {
      condition = self.snapshot_id == null || contains([for s in items : s.identifier], self.snapshot_id)
      message   = "The device has no snapshot with this id."
    }
  }
  request "delete" {
    for_each = [for s in step.snapshots : s.identifier if self.snapshot_id == null || s.identifier == self.snapshot_id]
    method   = "DELETE"
    path     = "/devices/${self.device_id}/snapshots/${each.value}"
    body     = { removeChildren = self.remove_children }
    accept   = ["404"]
  }
  wait "gone" {
    use  = "settling"
    path = "/devices/${self.device_id}/snapshots"
    when = length(step.snapshots) > 0
    done = length([for s in response : s if self.snapshot_id == null || s.identifier == self.snapshot_id]) == 0
  }
}

action "xelon_persistent_storage_attach" {
  description = "Attaches a persistent storage to a device. Where a configuration manages it, set its device_id instead."
  attribute "persistent_storage_id" {
    type     = string
    required = true
  }
  attribute "device_id" {
    type     = string
    required = true
  }
  request "attach" {
    path = "/persistent-storages/${self.persistent_storage_id}/attach-device"
    body = { deviceIdentifier = self.device_id }
  }
}

action "xelon_persistent_storage_detach" {
  description = "Detaches a persistent storage from a device."
  attribute "persistent_storage_id" {
    type     = string
    required = true
  }
  attribute "device_id" {
    type     = string
    required = true
  }
  request "detach" {
    path = "/persistent-storages/${self.persistent_storage_id}/detach-device"
    body = { deviceIdentifier = self.device_id }
  }
}

action "xelon_tenant_user_restore" {
  description = "Makes a deactivated user active again, with the old id."
  message     = "the user is active again"
  attribute "tenant_id" {
    type     = string
    required = true
  }
  attribute "user_id" {
    type     = string
    required = true
  }
  request "restore" {
    path       = "/tenants/${self.tenant_id}/users/restore"
    body       = { userIdentifier = self.user_id }
    idempotent = true
  }
}

action "xelon_tenant_user_set_password" {
  description = "Sets the password of a user."
  message     = "the password has been changed"
  attribute "tenant_id" {
    type     = string
    required = true
  }
  attribute "user_id" {
    type     = string
    required = true
  }
  attribute "password" {
    type       = string
    required   = true
    sensitive  = true
    write_only = true
  }
  request "password" {
    path       = "/tenants/${self.tenant_id}/users/${self.user_id}/password"
    body       = { password = self.password, password_confirmation = self.password }
    idempotent = true
  }
}
