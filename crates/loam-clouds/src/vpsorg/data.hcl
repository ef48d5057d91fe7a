# What can be read: account, catalogue, servers.

data "vpsorg_account" {
  description = "The account and the token in use."
  attribute "account" {
    type = object({
      email        = string
      first_name   = string
      last_name    = string
      company_name = string
      created_at   = string
    })
    computed = true
  }
  attribute "token" {
    type = object({
      name         = string
      permissions  = list(string)
      created_at   = string
      last_used_at = string
      expires_at   = string
      is_expired   = bool
    })
    computed = true
  }
  request "account" {
    path = "/account/me/"
  }
}

data "vpsorg_servers" {
  description = "All servers, or those of a status or location."
  attribute "status" {
    type     = string
    optional = true
    from     = []
    validate {
      condition = contains(["active", "stopped", "suspended"], value)
      message   = "The status is \"active\", \"stopped\" or \"suspended\"."
    }
  }
  attribute "location" {
    type        = string
    optional    = true
    from        = []
    description = "The location's slug."
  }
  attribute "servers" {
    type = list(object({
      uuid          = string
      id            = number
      name          = string
      hostname      = string
      status        = string
      deployed      = bool
      ip_address    = string
      plan_name     = string
      os_name       = string
      location_name = string
      created_at    = string
    }))
    computed = true
  }
  request "list" {
    path       = "/servers/"
    query      = { status = self.status, location = self.location }
    permission = "servers:list"
    paging     = "pages"
    items      = try(body.results, body)
    result     = { servers = items }
  }
}

data "vpsorg_server" {
  description = "One server, by id or by host name."
  attribute "id" {
    type     = string
    optional = true
    computed = true
    from     = "uuid"
  }
  attribute "hostname" {
    type     = string
    optional = true
    computed = true
  }
  attribute "number" {
    type     = number
    computed = true
    from     = "id"
  }
  attribute "status" {
    type     = string
    computed = true
  }
  attribute "deployed" {
    type     = bool
    computed = true
  }
  attribute "ip_address" {
    type     = string
    computed = true
  }
  attribute "ipv4_addresses" {
    type     = list(string)
    computed = true
  }
  attribute "ipv6_addresses" {
    type     = list(string)
    computed = true
  }
  attribute "location" {
    type     = number
    computed = true
    from     = "location.id"
  }
  attribute "plan" {
    type     = string
    computed = true
    from     = "plan.uuid"
  }
  attribute "os_version" {
    type     = string
    computed = true
    from     = "operating_system_version.uuid"
  }
  attribute "created_at" {
    type     = string
    computed = true
  }
  validate {
    condition = (config.id == null) != (config.hostname == null)
    message   = "Set either id or hostname."
  }
  request "find" {
    when       = self.id == null
    path       = "/servers/"
    permission = "servers:list"
    paging     = "pages"
    items      = try(body.results, body)
    result     = { id = one([for s in items : try(s.uuid, s.id) if s.hostname == self.hostname]) }
    expect {
      condition = length([for s in items : s if s.hostname == self.hostname]) > 0
      message   = "There is no server of that host name."
    }
    expect {
      condition = length([for s in items : s if s.hostname == self.hostname]) < 2
      message   = "More than one server has that host name: set id instead."
    }
  }
  request "details" {
    path       = "/servers/${self.id}/"
    permission = "servers:list"
  }
}

data "vpsorg_plans" {
  description = "The plans, or those of a location."
  attribute "location" {
    type        = string
    optional    = true
    from        = []
    description = "The location's slug."
  }
  attribute "plans" {
    type = list(object({
      uuid          = string
      id            = number
      name          = string
      slug          = string
      vcpus         = number
      memory        = number
      storage       = number
      bandwidth     = number
      price_monthly = number
      price_hourly  = number
      available     = bool
      locations     = list(string)
      description   = string
    }))
    computed = true
  }
  request "list" {
    path       = "/plans/"
    query      = { location = self.location }
    permission = "plans:list"
    paging     = "pages"
    items      = try(body.results, body)
    # The vendor's pages and its client have different names for the same.
    result = {
      plans = [for p in items : merge(p, {
        vcpus         = try(p.vcpus, p.cpu, null)
        memory        = try(p.memory, p.ram * (try(p.ram_unit, "GB") == "MB" ? 1 : 1024), null)
        storage       = try(p.storage, p.disk_space, null)
        bandwidth     = try(p.bandwidth, p.transfer, null)
        price_monthly = try(p.price_monthly, p.monthly_price, p.price, null)
        price_hourly  = try(p.price_hourly, p.hourly_price, null)
      })]
    }
  }
}

data "vpsorg_plan" {
  description = "One plan, by its slug or by its id (uuid or number)."
  attribute "slug" {
    type     = string
    optional = true
    computed = true
  }
  attribute "id" {
    type     = string
    optional = true
    computed = true
    from     = ["uuid", "id"]
  }
  attribute "name" {
    type     = string
    computed = true
  }
  attribute "vcpus" {
    type     = number
    computed = true
    from     = ["vcpus", "cpu"]
  }
  attribute "memory" {
    type        = number
    computed    = true
    from        = ["memory", "ram"]
    decode      = can(response.memory) || try(response.ram_unit, "GB") == "MB" ? value : value * 1024
    description = "In MB."
  }
  attribute "storage" {
    type        = number
    computed    = true
    from        = ["storage", "disk_space"]
    description = "In GB."
  }
  attribute "bandwidth" {
    type        = number
    computed    = true
    from        = ["bandwidth", "transfer"]
    description = "In GB a month."
  }
  attribute "price_monthly" {
    type     = number
    computed = true
    from     = ["price_monthly", "monthly_price", "price"]
  }
  attribute "price_hourly" {
    type     = number
    computed = true
    from     = ["price_hourly", "hourly_price"]
  }
  attribute "locations" {
    type        = list(string)
    computed    = true
    description = "Slugs of the locations that have it."
  }
  validate {
    condition = (config.id == null) != (config.slug == null)
    message   = "Set either slug or id."
  }
  request "list" {
    path       = "/plans/"
    permission = "plans:list"
    paging     = "pages"
    items      = try(body.results, body)
    object     = one([for p in items : p if self.id == null ? try(p.slug, null) == self.slug : contains([try(p.uuid, null), try(tostring(p.id), null)], self.id)])
    expect {
      condition = length([for p in items : p if self.id == null ? try(p.slug, null) == self.slug : contains([try(p.uuid, null), try(tostring(p.id), null)], self.id)]) == 1
      message   = "There is no such plan. The data source vpsorg_plans lists them."
    }
  }
}

data "vpsorg_locations" {
  description = "The locations."
  attribute "locations" {
    type = list(object({
      id           = number
      name         = string
      slug         = string
      country_name = string
      country_code = string
      is_active    = bool
    }))
    computed = true
  }
  request "list" {
    path       = "/locations/"
    permission = "locations:list"
    paging     = "pages"
    items      = try(body.results, body)
    result     = { locations = items }
  }
}

data "vpsorg_operating_systems" {
  description = "The operating systems with their versions. Servers take a version's uuid."
  attribute "operating_systems" {
    type = list(object({
      uuid     = string
      name     = string
      versions = list(object({ uuid = string, name = string }))
    }))
    computed = true
  }
  request "list" {
    path   = "/operating-systems/"
    paging = "pages"
    items  = try(body.results, body)
    result = {
      operating_systems = [for o in items : {
        uuid     = o.uuid
        name     = o.name
        versions = [for v in o.versions : { uuid = try(v.uuid, v), name = try(v.name, v) }]
      }]
    }
  }
}

data "vpsorg_ssh_keys" {
  description = "All SSH keys."
  attribute "ssh_keys" {
    type = list(object({
      uuid         = string
      name         = string
      fingerprint  = string
      created_at   = string
      last_used_at = string
    }))
    computed = true
  }
  request "list" {
    path       = "/ssh-keys/"
    permission = "ssh-keys:list"
    paging     = "pages"
    items      = try(body.results, body)
    result     = { ssh_keys = items }
  }
}

data "vpsorg_snapshots" {
  description = "All snapshots, or those of a server."
  attribute "server_id" {
    type     = number
    optional = true
    from     = []
  }
  attribute "snapshots" {
    type = list(object({
      id          = number
      server      = object({ id = number, name = string })
      name        = string
      status      = string
      size_mb     = number
      created_at  = string
      description = string
    }))
    computed = true
  }
  request "list" {
    path       = "/snapshots/"
    query      = { server_id = self.server_id }
    permission = "snapshots:list"
    paging     = "pages"
    items      = try(body.results, body)
    result     = { snapshots = items }
  }
}

data "vpsorg_backups" {
  description = "All backups, or those of a server or kind."
  attribute "server_id" {
    type     = number
    optional = true
    from     = []
  }
  attribute "backup_type" {
    type        = string
    optional    = true
    from        = []
    description = "manual or automatic."
    validate {
      condition = contains(["manual", "automatic"], value)
      message   = "The kind is \"manual\" or \"automatic\"."
    }
  }
  attribute "backups" {
    type = list(object({
      id          = number
      server      = object({ id = number, name = string })
      backup_type = string
      status      = string
      size_mb     = number
      created_at  = string
      expires_at  = string
      description = string
    }))
    computed = true
  }
  request "list" {
    path       = "/backups/"
    query      = { server_id = self.server_id, backup_type = self.backup_type }
    permission = "backups:list"
    paging     = "pages"
    items      = try(body.results, body)
    result     = { backups = items }
  }
}

data "vpsorg_billing" {
  description = "The invoices."
  attribute "invoices" {
    type = list(object({
      id        = string
      number    = string
      amount    = string
      currency  = string
      status    = string
      issued_at = string
      due_at    = string
    }))
    computed = true
  }
  request "list" {
    path       = "/billing/"
    permission = "billing:list"
    paging     = "pages"
    items      = try(body.results, body)
    result     = { invoices = items }
  }
}
