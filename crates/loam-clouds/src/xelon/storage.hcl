# Persistent storage.

# Detaching it from where it is attached now.
template "detach" {
  method = "POST"
  path   = "/persistent-storages/${self.id}/detach-device"
  body   = { deviceIdentifier = step.look.attachedDevices[0].identifier }
}
template "look_at_storage" {
  request "look" {
    method = "GET"
    path   = "/persistent-storages/${self.id}"
  }
}

resource "xelon_persistent_storage" {
  use         = "identified"
  description = "A persistent volume."

  attribute "name" {
    type        = string
    required    = true
    on_change   = "replace"
    description = "The service cannot rename it."
  }
  attribute "size" {
    type        = number
    required    = true
    from        = "capacity"
    description = "GB; it can only grow."
    validate {
      condition = value >= 1
      message   = "The size is at least 1 GB."
    }
  }
  attribute "device_id" {
    type        = string
    default     = ""
    from        = "attachedDevices"
    decode      = try(value[0].identifier, "")
    description = "The device that it is attached to; empty for none."
  }
  attribute "cloud_id" {
    type      = string
    optional  = true
    computed  = true
    on_change = "replace"
    from      = "cloud.identifier"
    keep      = true
  }
  attribute "tenant_id" {
    type      = string
    optional  = true
    computed  = true
    on_change = "replace"
    from      = "tenant.identifier"
    keep      = true
  }
  attribute "uuid" {
    type     = string
    computed = true
  }
  attribute "formatted" {
    type     = bool
    computed = true
    volatile = true
  }
  change {
    condition = self.size >= prior.size
    message   = "A storage can only grow: size must not be less than it is."
  }
  timeouts {
    create = "20m"
    update = "20m"
  }
  create {
    request "create" {
      path = "/persistent-storages"
      body = {
        name             = self.name
        storageSize      = self.size
        type             = 2
        cloudIdentifier  = self.cloud_id
        deviceIdentifier = self.device_id == "" ? null : self.device_id
        tenantIdentifier = self.tenant_id
      }
      object = response
    }
    wait "formatted" {
      use      = "settling"
      path     = "/persistent-storages/${self.id}"
      object   = response
      done     = contains(["true", "1"], tostring(response.formatted)) && try(coalesce(response.uuid), "") != ""
      progress = contains(["true", "1"], tostring(response.formatted)) ? "formatted" : "formatting"
    }
  }
  read {
    request "read" {
      path = "/persistent-storages/${self.id}"
    }
  }
  list {
    use        = "list"
    path       = "/persistent-storages"
    attributes = ["id", "name", "size", "device_id", "cloud_id", "tenant_id", "uuid", "formatted"]
  }
  update "size" {
    attributes = ["size"]
    request "extend" {
      method     = "POST"
      path       = "/persistent-storages/${self.id}/extend"
      body       = { diskSize = self.size }
      idempotent = true
      wait "formatted" {
        use     = "settling"
        path    = "/persistent-storages/${self.id}"
        usually = "10s"
        done    = contains(["true", "1"], tostring(response.formatted))
      }
    }
  }
  # It may have been detached with a device that is gone, or by hand.
  update "device" {
    use        = "look_at_storage"
    attributes = ["device_id"]
    request "detach" {
      use  = "detach"
      when = !contains(["", self.device_id], try(step.look.attachedDevices[0].identifier, ""))
    }
    request "attach" {
      when   = self.device_id != "" && try(step.look.attachedDevices[0].identifier, "") != self.device_id
      method = "POST"
      path   = "/persistent-storages/${self.id}/attach-device"
      body   = { deviceIdentifier = self.device_id }
    }
  }
  delete {
    use = "look_at_storage"
    request "detach" {
      use  = "detach"
      when = try(step.look.attachedDevices[0].identifier, "") != ""
    }
    request "delete" {
      path = "/persistent-storages/${self.id}"
    }
  }
  recover {
    match = item.name == self.name && item.capacity == self.size
  }
}

data "xelon_persistent_storage" {
  use         = "id_or_name"
  description = "A persistent storage, by id or exact name."
  attribute "cloud_id" {
    type     = string
    computed = true
    from     = "cloud.identifier"
  }
  attribute "device_id" {
    type     = string
    computed = true
    from     = "attachedDevices"
    decode   = try(value[0].identifier, "")
  }
  attribute "size" {
    type     = number
    computed = true
    from     = "capacity"
  }
  attribute "tenant_id" {
    type     = string
    computed = true
    from     = "tenant.identifier"
  }
  attribute "uuid" {
    type     = string
    computed = true
  }
  request "find" {
    use  = "find"
    path = "/persistent-storages"
  }
  request "details" {
    use  = "details"
    path = "/persistent-storages/${self.id}"
  }
}

data "xelon_persistent_storages" {
  description = "Persistent storages."
  attribute "search" {
    type     = string
    optional = true
    from     = []
  }
  attribute "storages" {
    type     = list(object({ id = string, name = string, size = number, device_id = string }))
    computed = true
    from     = []
  }
  request "storages" {
    use    = "pages"
    path   = "/persistent-storages"
    query  = { search = self.search }
    result = { storages = [for s in items : { id = s.identifier, name = s.name, size = s.capacity, device_id = try(s.attachedDevices[0].identifier, "") }] }
  }
}
