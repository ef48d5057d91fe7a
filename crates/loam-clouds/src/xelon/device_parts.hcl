# What a device has beside itself: further disks, a backup plan.

resource "xelon_device_disk" {
  description = "A further disk of a device."

  attribute "id" {
    type     = string
    computed = true
  }
  attribute "device_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
  }
  attribute "size" {
    type        = number
    required    = true
    description = "GB; it can only grow, and growing deletes the device's snapshots."
    validate {
      condition = value >= 1
      message   = "The size is at least 1 GB."
    }
  }
  attribute "hdd" {
    type        = bool
    default     = false
    on_change   = "replace"
    from        = []
    description = "A slower disk."
  }
  attribute "name" {
    type     = string
    computed = true
  }
  change {
    condition = self.size >= prior.size
    message   = "A disk can only grow: size must not be less than it is."
  }
  timeouts {
    create = "30m"
    update = "30m"
  }
  create {
    request "before" {
      method   = "GET"
      path     = "/devices/${self.device_id}"
      remember = { before = [for s in response.storages : tostring(s.id)] }
    }
    request "create" {
      path = "/devices/${self.device_id}/disk"
      body = { size = self.size, isHdd = self.hdd ? true : null }
    }
    # The answer does not tell the disk: it is the one that was not there before.
    wait "there" {
      use  = "settling"
      path = "/devices/${self.device_id}"
      done = response.state == 1 && length([for s in response.storages : s if !contains(remembered.before, tostring(s.id)) && s.size == self.size]) > 0
      result = {
        id   = [for s in response.storages : s.id if !contains(remembered.before, tostring(s.id)) && s.size == self.size][0]
        name = [for s in response.storages : s.name if !contains(remembered.before, tostring(s.id)) && s.size == self.size][0]
      }
    }
  }
  list {
    path       = "/devices/${self.device_id}"
    items      = response.storages
    item_key   = tostring(item.id)
    key        = self.id
    partial    = true
    attributes = ["id", "size", "name"]
  }
  update "size" {
    attributes = ["size"]
    request "snapshots" {
      use    = "pages"
      method = "GET"
      path   = "/devices/${self.device_id}/snapshots"
    }
    request "delete_snapshot" {
      for_each = [for s in step.snapshots : s.identifier]
      method   = "DELETE"
      path     = "/devices/${self.device_id}/snapshots/${each.value}"
      body     = { removeChildren = true }
      accept   = ["404"]
    }
    wait "no_snapshots" {
      use   = "settling"
      path  = "/devices/${self.device_id}/snapshots"
      when  = length(step.snapshots) > 0
      delay = "0s"
      done  = length(response) == 0
    }
    request "grow" {
      method = "PUT"
      path   = "/devices/${self.device_id}/disk"
      body   = { diskId = self.id, size = self.size, extendPartition = true, createSnapshot = true }
    }
    wait "grown" {
      use  = "state"
      path = "/devices/${self.device_id}"
    }
  }
  delete {
    # A disk that is gone is refused like any other wrong id.
    request "look" {
      method = "GET"
      path   = "/devices/${self.device_id}"
    }
    request "delete" {
      when = contains([for s in step.look.storages : tostring(s.id)], self.id)
      path = "/devices/${self.device_id}/disk"
      body = { diskId = self.id }
      wait "gone" {
        use  = "state"
        path = "/devices/${self.device_id}"
      }
    }
  }
  import "<device_id>/<id>" {}
  recover {
    # What was there before is written down before the request is sent.
    match = item.size == self.size && try(!contains(remembered.before, tostring(item.id)), false)
  }
}

resource "xelon_device_backup" {
  description = "Assigns a backup plan to a device."

  attribute "device_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
    validate {
      condition = value != ""
      message   = "The device's id is needed."
    }
  }
  attribute "backup_plan_id" {
    type     = number
    required = true
    from     = []
    validate {
      condition = value >= 1
      message   = "The plan's id is a number from 1."
    }
  }
  identity  = ["device_id"]
  gone_when = length(try(body.data, [1])) == 0
  create {
    request "assign" {
      method = "PUT"
      path   = "/devices/${self.device_id}/backups/tags"
      body   = { backupId = self.backup_plan_id }
    }
  }
  read {
    request "plans" {
      path   = "/devices/${self.device_id}/backups/tags"
      result = { backup_plan_id = response[0].id }
      expect {
        condition = can(length(body.data))
        message   = "A list of backup plans was expected in \"data\"."
      }
      expect {
        condition = length(try(body.data, [])) < 2
        message   = "The device has several backup plans, which is not foreseen: leave one in Xelon HQ."
      }
    }
  }
  update "plan" {
    attributes = ["backup_plan_id"]
    request "assign" {
      method = "PUT"
      path   = "/devices/${self.device_id}/backups/tags"
      body   = { backupId = self.backup_plan_id }
    }
  }
  delete {
    request "delete" {
      path = "/devices/${self.device_id}/backups/tags"
    }
  }
  import "<device_id>" {}
}
