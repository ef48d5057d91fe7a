# Data sources for devices, what they are made from, and what is kept of them.

data "xelon_device" {
  description = "A device, by id or exact display name."
  attribute "id" {
    type     = string
    optional = true
    computed = true
    from     = "identifier"
  }
  attribute "display_name" {
    type     = string
    optional = true
    computed = true
    from     = "displayName"
  }
  attribute "hostname" {
    type     = string
    computed = true
    from     = "hostName"
  }
  attribute "template_id" {
    type     = string
    computed = true
    from     = ["templateId", "template.identifier"]
  }
  attribute "tenant_id" {
    type     = string
    computed = true
    from     = ["tenantIdentifier", "tenant.identifier"]
  }
  attribute "cpu_core_count" {
    type     = number
    computed = true
    from     = "cpu"
  }
  attribute "memory" {
    type     = number
    computed = true
    from     = "ram"
  }
  attribute "is_powered_on" {
    type     = bool
    computed = true
    from     = "isPoweredOn"
  }
  attribute "state" {
    type     = number
    computed = true
  }
  attribute "disks" {
    type     = list(object({ id = string, name = string, size = number, type = string, unit_number = number }))
    computed = true
    from     = "storages"
    decode   = [for s in value : { id = s.id, name = s.name, size = s.size, type = try(s.type, null), unit_number = try(s.unitNumber, null) }]
  }
  attribute "networks" {
    type     = list(object({ id = string, connected = bool, addresses = list(string) }))
    computed = true
    from     = []
  }
  attribute "ssh_key_ids" {
    type     = set(string)
    computed = true
    from     = []
  }
  validate {
    condition = config.id != null || config.display_name != null
    message   = "Set id or display_name."
  }
  request "find" {
    use    = "pages"
    path   = "/devices"
    when   = self.id == null
    query  = { search = self.display_name }
    result = { id = one([for x in items : x.identifier if x.displayName == self.display_name]) }
    expect {
      condition = length([for x in items : x if x.displayName == self.display_name]) > 0
      message   = "No device has exactly this display name."
    }
    expect {
      condition = length([for x in items : x if x.displayName == self.display_name]) < 2
      message   = "Several devices have this display name: set id."
    }
  }
  request "details" {
    path   = "/devices/${self.id}"
    object = response
  }
  request "network" {
    path   = "/devices/${self.id}/network"
    result = { networks = [for n in response : { id = n.identifier, connected = n.isConnected, addresses = n.ip == null ? [] : flatten([n.ip]) }] }
  }
  request "keys" {
    path   = "/devices/${self.id}/ssh-key"
    accept = ["404"]
    result = { ssh_key_ids = [for k in response : k.identifier] }
  }
}

data "xelon_devices" {
  description = "Devices, as far as the list tells them."
  attribute "search" {
    type     = string
    optional = true
    from     = []
  }
  attribute "devices" {
    type     = list(object({ id = string, display_name = string, hostname = string, cpu_core_count = number, memory = number, is_powered_on = bool, state = number }))
    computed = true
    from     = []
  }
  request "devices" {
    use    = "pages"
    path   = "/devices"
    query  = { search = self.search }
    result = { devices = [for d in items : { id = d.identifier, display_name = d.displayName, hostname = try(d.hostName, null), cpu_core_count = try(d.cpu, null), memory = try(d.ram, null), is_powered_on = try(d.isPoweredOn, null), state = try(d.state, null) }] }
  }
}

data "xelon_device_snapshots" {
  description = "The snapshots of a device. The API makes and restores none."
  attribute "device_id" {
    type     = string
    required = true
    from     = []
  }
  attribute "snapshots" {
    type     = list(object({ id = string, name = string, description = string, created_at = string }))
    computed = true
    from     = []
  }
  request "snapshots" {
    use    = "pages"
    path   = "/devices/${self.device_id}/snapshots"
    result = { snapshots = [for s in items : { id = try(s.identifier, s.id), name = s.name, description = try(s.description, null), created_at = try(s.createdAt, null) }] }
  }
}

data "xelon_device_backup_plan" {
  description = "The backup plan of a device; null if it has none."
  attribute "device_id" {
    type     = string
    required = true
    from     = []
  }
  attribute "id" {
    type     = number
    computed = true
    from     = []
  }
  attribute "name" {
    type     = string
    computed = true
    from     = []
  }
  request "plans" {
    path   = "/devices/${self.device_id}/backups/tags"
    result = { id = response[0].id, name = response[0].name }
  }
}

data "xelon_backup_plan" {
  description = "A backup plan of a cloud, by exact name."
  attribute "cloud_id" {
    type     = string
    required = true
    from     = []
  }
  attribute "name" {
    type     = string
    required = true
  }
  attribute "id" {
    type     = number
    computed = true
  }
  request "plans" {
    path   = "/backups/tags"
    query  = { cloudIdentifier = self.cloud_id }
    items  = response
    object = one([for p in items : p if p.name == self.name])
    expect {
      condition = length([for p in items : p if p.name == self.name]) > 0
      message   = "The cloud has no backup plan with exactly this name."
    }
    expect {
      condition = length([for p in items : p if p.name == self.name]) < 2
      message   = "Several backup plans of the cloud have this name."
    }
  }
}

data "xelon_backup_plans" {
  description = "The backup plans of a cloud."
  attribute "cloud_id" {
    type     = string
    required = true
    from     = []
  }
  attribute "plans" {
    type     = list(object({ id = number, name = string }))
    computed = true
    from     = []
  }
  request "plans" {
    path   = "/backups/tags"
    query  = { cloudIdentifier = self.cloud_id }
    result = { plans = [for p in response : { id = p.id, name = p.name }] }
  }
}

data "xelon_activity" {
  description = "What was changed, newest first: of a device, a tenant or all. Where the service keeps this is not published: the paths and fields are assumed."
  attribute "device_id" {
    type     = string
    optional = true
    from     = []
  }
  attribute "tenant_id" {
    type     = string
    optional = true
    from     = []
  }
  attribute "search" {
    type     = string
    optional = true
    from     = []
  }
  attribute "category" {
    type     = string
    optional = true
    from     = []
  }
  attribute "type" {
    type     = string
    optional = true
    from     = []
  }
  attribute "from" {
    type        = string
    optional    = true
    from        = []
    description = "Not before this moment (RFC 3339)."
  }
  attribute "to" {
    type        = string
    optional    = true
    from        = []
    description = "Not after this moment (RFC 3339)."
  }
  attribute "entries" {
    type     = list(object({ id = string, category = string, type = string, description = string, user_name = string, tenant_id = string, created_at = string }))
    computed = true
    from     = []
  }
  validate {
    condition = config.device_id == null || config.tenant_id == null
    message   = "Set device_id or tenant_id, not both."
  }
  request "entries" {
    use    = "pages"
    path   = self.device_id != null ? "/devices/${urlencode(self.device_id)}/activity" : self.tenant_id != null ? "/tenants/${urlencode(self.tenant_id)}/activity" : "/activity"
    query  = { search = self.search, category = self.category, type = self.type, from = self.from, to = self.to }
    result = { entries = [for e in items : { id = try(e.identifier, e.id, null), category = try(e.category, null), type = try(e.type, null), description = try(e.description, null), user_name = try(e.userName, null), tenant_id = try(e.tenantIdentifier, null), created_at = try(e.createdAt, null) }] }
    expect {
      condition = can(length(items))
      message   = "A list of log entries was expected. Where the service keeps its log is not published; this address does not have it."
    }
  }
}
