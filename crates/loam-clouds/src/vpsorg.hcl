# VPS.org API v1.
#
# No envelope and no error codes: the status decides. Every path ends in a slash. Lists
# come as {count, results} or as a bare array. Lists and details have different shapes
# (location is a slug in one and an object in the other). Endpoints that the service does
# not document (changing a host name, domain settings, restores) may be missing there;
# the error then says so.

provider "vpsorg" {
  source      = "registry.terraform.io/loam-iac/vpsorg"
  version     = "1.0.0"
  description = "Servers, snapshots, domains and DNS of VPS.org."

  setting "api_token" {
    required    = true
    sensitive   = true
    env         = ["VPSORG_API_TOKEN", "VPS_API_TOKEN"]
    description = "API token, beginning with vps_, from the developer page of the dashboard."
  }
  setting "endpoint" {
    env         = ["VPSORG_ENDPOINT", "VPS_API_URL"]
    default     = "https://admin.vps.org/api/v1"
    description = "Base address of the API."
  }
  setting "requests_per_minute" {
    type        = number
    env         = ["VPSORG_REQUESTS_PER_MINUTE"]
    default     = 60
    description = "Requests per minute to keep to. The service publishes no limit."
  }

  base_url = provider.endpoint
  headers  = { Authorization = "Bearer ${provider.api_token}" }
  timeout  = "60s"

  errors {
    message = try(tostring(body.detail), join("; ", [for k, v in body : "${k}: ${try(join(" ", v), tostring(v))}"]), null)

    error "404" {
      gone = true
    }
    error "405" {
      hint = "The service does not offer this (any more)."
    }
    error "402" {
      hint = "Settle the open invoice, then apply again."
    }
    error "409" {
      retry = true
      when  = can(regex("(?i)(busy|transition|progress|provisioning|resizing|restarting|restoring|pending)", tostring(body.detail)))
    }
  }

  paging "pages" {
    style      = "page"
    param      = "page"
    size_param = "page_size"
    size       = 100
    total      = try(body.count, null)
    more       = try(body.next, null) != null
  }

  rate_limit {
    per_minute = provider.requests_per_minute
    key        = provider.api_token
  }
}

resource "vpsorg_server" {
  description = "A server. Host name, plan and power state change in place, all else replaces it."

  attribute "id" {
    type        = string
    computed    = true
    from        = ["uuid", "id"]
    description = "The uuid."
  }
  attribute "number" {
    type        = number
    computed    = true
    from        = "id"
    description = "The numeric id, which snapshots take."
  }
  attribute "hostname" {
    type     = string
    required = true
    validate {
      condition = can(regex("^[A-Za-z0-9.-]{1,253}$", value))
      message   = "A host name takes 1 to 253 letters, digits, hyphens and dots."
    }
  }
  attribute "location" {
    type        = number
    required    = true
    on_change   = "replace"
    from        = ["location.id", "location_id"]
    keep        = true
    description = "The location's id, see the data source vpsorg_locations."
  }
  attribute "plan" {
    type        = string
    required    = true
    from        = "plan.uuid"
    keep        = true
    description = "The plan's uuid, see the data source vpsorg_plans. A change resizes and may restart the server; the disk cannot shrink."
  }
  attribute "os_version" {
    type        = string
    required    = true
    on_change   = "replace"
    from        = "operating_system_version.uuid"
    keep        = true
    description = "The uuid of a version of an operating system, see the data source vpsorg_operating_systems."
  }
  attribute "ssh_keys" {
    type        = set(string)
    optional    = true
    on_change   = "replace"
    from        = []
    description = "Uuids of SSH keys; used at creation only."
  }
  attribute "power_state" {
    type     = string
    optional = true
    computed = true
    from     = "status"
    decode   = contains(["active", "stopped"], value) ? value : null
    validate {
      condition = contains(["active", "stopped"], value)
      message   = "The power state is \"active\" or \"stopped\". A stopped server is still charged."
    }
  }
  attribute "password" {
    type        = string
    computed    = true
    sensitive   = true
    keep        = true
    description = "The initial password, told once after creation."
  }
  attribute "name" {
    type         = string
    computed     = true
    changes_with = ["hostname"]
  }
  attribute "status" {
    type         = string
    computed     = true
    changes_with = ["power_state", "plan"]
  }
  attribute "deployed" {
    type     = bool
    computed = true
  }
  attribute "ip_address" {
    type     = string
    computed = true
    from     = ["ip_address", "ipv4_addresses"]
    decode   = try(tolist(value)[0], tostring(value), null)
  }
  attribute "ipv4_addresses" {
    type     = list(string)
    computed = true
  }
  attribute "ipv6_addresses" {
    type     = list(string)
    computed = true
  }
  attribute "plan_name" {
    type         = string
    computed     = true
    from         = ["plan_name", "plan.name"]
    changes_with = ["plan"]
  }
  attribute "os_name" {
    type     = string
    computed = true
    from     = ["os_name", "os.name"]
  }
  attribute "location_name" {
    type     = string
    computed = true
    from     = ["location_name", "location.name"]
  }
  attribute "created_at" {
    type     = string
    computed = true
  }
  attribute "updated_at" {
    type     = string
    computed = true
    volatile = true
  }

  timeouts {
    create = "20m"
    update = "20m"
  }

  create {
    request "create" {
      path       = "/servers/"
      permission = "servers:create"
      body = {
        hostname   = self.hostname
        location   = self.location
        plan       = self.plan
        os_version = self.os_version
        ssh_keys   = try(length(self.ssh_keys), 0) == 0 ? null : self.ssh_keys
      }
      object = response
    }
    wait "deployment" {
      path         = "/servers/${self.id}/"
      permission   = "servers:list"
      interval     = "10s"
      timeout      = "20m"
      usually      = "2m"
      list_pending = !try(item.deployed, false) && item.status != "error"
      object       = response
      done         = try(response.deployed, true) && response.status == "active"
      failed       = response.status == "error"
      reason       = "the status is ${response.status}"
      progress     = response.status
    }
    request "stop" {
      when       = config.power_state == "stopped"
      path       = "/servers/${self.id}/power/"
      permission = "servers:power"
      idempotent = true
      body       = { action = "stop" }
      wait "stop" {
        path     = "/servers/${self.id}/"
        interval = "5s"
        timeout  = "10m"
        object   = response
        done     = response.status == "stopped"
        progress = response.status
      }
    }
  }

  read {
    request "details" {
      path       = "/servers/${self.id}/"
      permission = "servers:list"
    }
  }

  list {
    path        = "/servers/"
    permission  = "servers:list"
    paging      = "pages"
    items       = try(body.results, body)
    item_key    = try(item.uuid, tostring(item.id))
    key         = self.id
    attributes  = ["id", "number", "hostname", "name", "status", "power_state", "deployed", "ip_address", "ipv4_addresses", "ipv6_addresses", "plan_name", "os_name", "location_name", "created_at", "updated_at"]
    # The list names the plan, but does not tell which it is.
    detail_when = try(item.plan_name, item.plan.name, null) != self.plan_name
  }

  update "hostname" {
    attributes = ["hostname"]
    request "hostname" {
      path       = "/servers/${self.id}/"
      permission = "servers:update"
      hints = {
        "404" = "The vendor does not document how a host name is changed, and the service may not offer it. To get a new server instead, replace it: loam apply -replace=ADDRESS."
        "405" = "The vendor does not document how a host name is changed, and the service may not offer it. To get a new server instead, replace it: loam apply -replace=ADDRESS."
      }
      idempotent = true
      body       = { hostname = self.hostname }
    }
  }
  update "plan" {
    attributes = ["plan"]
    request "resize" {
      method     = "POST"
      path       = "/servers/${self.id}/resize/"
      permission = "servers:resize"
      idempotent = true
      body       = { plan = self.plan }
      wait "resize" {
        path     = "/servers/${self.id}/"
        interval = "10s"
        timeout  = "20m"
        object   = response
        done     = contains(["active", "stopped"], response.status)
        failed   = response.status == "error"
        reason   = "the status is ${response.status}"
        progress = response.status
      }
    }
  }
  update "power" {
    attributes = ["power_state"]
    when       = self.power_state != null
    request "power" {
      method     = "POST"
      path       = "/servers/${self.id}/power/"
      permission = "servers:power"
      idempotent = true
      body       = { action = self.power_state == "active" ? "start" : "stop" }
      wait "power" {
        path     = "/servers/${self.id}/"
        interval = "5s"
        timeout  = "10m"
        object   = response
        done     = response.status == config.power_state
        failed   = response.status == "error"
        reason   = "the status is ${response.status}"
        progress = response.status
      }
    }
  }

  delete {
    request "delete" {
      path       = "/servers/${self.id}/"
      permission = "servers:delete"
    }
  }

  import "<id>" {}

  recover {
    match   = item.hostname == self.hostname
    created = item.created_at
    confirm = response.location == self.location && response.plan == self.plan
  }
}

resource "vpsorg_snapshot" {
  description = "A snapshot of a server."

  attribute "id" {
    type     = string
    computed = true
  }
  attribute "server_id" {
    type        = number
    required    = true
    on_change   = "replace"
    from        = "server.id"
    description = "The server's number."
  }
  attribute "name" {
    type      = string
    required  = true
    on_change = "replace"
    validate {
      condition = can(regex("^[A-Za-z0-9_-]+$", value))
      message   = "A snapshot's name takes letters, digits, hyphens and underscores."
    }
  }
  attribute "description" {
    type      = string
    optional  = true
    on_change = "replace"
    decode    = value == "" ? null : value
  }
  attribute "status" {
    type     = string
    computed = true
  }
  attribute "size_mb" {
    type     = number
    computed = true
  }
  attribute "created_at" {
    type     = string
    computed = true
  }

  timeouts {
    create = "30m"
  }

  create {
    request "create" {
      path       = "/snapshots/"
      permission = "servers:snapshot"
      body = {
        server_id   = self.server_id
        name        = self.name
        description = self.description
      }
      object = response
    }
    wait "snapshot" {
      path     = "/snapshots/"
      query    = { server_id = self.server_id, page_size = 100 }
      interval = "10s"
      timeout  = "30m"
      usually  = "30s"
      object   = one([for s in try(body.results, body) : s if tostring(s.id) == self.id])
      done     = one([for s in try(body.results, body) : s.status if tostring(s.id) == self.id]) == "completed"
      failed   = !contains(["pending", "in_progress", "completed"], one([for s in try(body.results, body) : s.status if tostring(s.id) == self.id]))
      reason   = "the snapshot failed"
      progress = one([for s in try(body.results, body) : s.status if tostring(s.id) == self.id])
    }
  }

  list {
    path       = "/snapshots/"
    permission = "snapshots:list"
    paging     = "pages"
    items      = try(body.results, body)
    item_key   = tostring(item.id)
    key        = self.id
    attributes = ["id", "server_id", "name", "description", "status", "size_mb", "created_at"]
  }

  delete {
    request "delete" {
      path       = "/snapshots/${self.id}/"
      permission = "snapshots:delete"
      hints      = { "405" = "The vendor does not document how a snapshot is deleted; delete it on the web site." }
    }
  }

  import "<id>" {
    when = can(regex("^[0-9]+$", id))
  }

  recover {
    match   = item.server.id == self.server_id && item.name == self.name
    created = item.created_at
  }
}

resource "vpsorg_ssh_key" {
  description = "An SSH key. It cannot be changed."

  attribute "id" {
    type     = string
    computed = true
    from     = "uuid"
  }
  attribute "name" {
    type      = string
    required  = true
    on_change = "replace"
  }
  attribute "public_key" {
    type        = string
    required    = true
    on_change   = "replace"
    from        = []
    # The comment is not part of the key.
    normalize   = join(" ", slice(concat(split(" ", trimspace(value)), ["", ""]), 0, 2))
    description = "The OpenSSH public key. The service does not tell it again."
  }
  attribute "fingerprint" {
    type     = string
    computed = true
  }
  attribute "created_at" {
    type     = string
    computed = true
  }
  attribute "last_used_at" {
    type     = string
    computed = true
    volatile = true
  }

  create {
    request "create" {
      path       = "/ssh-keys/"
      permission = "ssh-keys:create"
      body       = { name = self.name, public_key = self.public_key }
      object     = response
    }
  }

  list {
    path       = "/ssh-keys/"
    permission = "ssh-keys:list"
    paging     = "pages"
    items      = try(body.results, body)
    item_key   = item.uuid
    key        = self.id
    attributes = ["id", "name", "fingerprint", "created_at", "last_used_at"]
  }

  delete {
    request "delete" {
      path       = "/ssh-keys/${self.id}/"
      permission = "ssh-keys:delete"
    }
  }

  import "<id>" {}

  recover {
    match   = item.name == self.name
    created = item.created_at
  }
}

resource "vpsorg_dns_zone" {
  description = "A DNS zone. Deleting it deletes all its records."

  attribute "id" {
    type     = string
    computed = true
    from     = "uuid"
  }
  attribute "domain" {
    type      = string
    required  = true
    on_change = "replace"
    normalize = trimsuffix(lower(value), ".")
  }
  attribute "record_count" {
    type     = number
    computed = true
    volatile = true
  }
  attribute "created_at" {
    type     = string
    computed = true
  }

  create {
    request "create" {
      path       = "/dns-zones/"
      permission = "dns:create"
      body       = { domain = self.domain }
      object     = response
    }
  }

  read {
    request "details" {
      path       = "/dns-zones/${self.id}/"
      permission = "dns:list"
    }
  }

  list {
    path       = "/dns-zones/"
    permission = "dns:list"
    paging     = "pages"
    items      = try(body.results, body)
    item_key   = item.uuid
    key        = self.id
    attributes = ["id", "domain", "record_count", "created_at"]
  }

  delete {
    loses = "All records of the zone are deleted with it, those that are not managed here, too."
    request "delete" {
      path       = "/dns-zones/${self.id}/"
      permission = "dns:delete"
    }
  }

  import "<domain>" {
    when = can(regex("\\.", id))
  }
  import "<id>" {}

  recover {
    match = trimsuffix(lower(item.domain), ".") == trimsuffix(lower(self.domain), ".")
  }
}

resource "vpsorg_dns_record" {
  description = "A DNS record."

  attribute "id" {
    type     = string
    computed = true
    from     = "uuid"
  }
  attribute "zone" {
    type        = string
    required    = true
    on_change   = "replace"
    from        = []
    description = "The zone's uuid."
  }
  attribute "record_type" {
    type      = string
    required  = true
    normalize = upper(value)
    validate {
      condition = contains(["A", "AAAA", "CNAME", "MX", "TXT", "NS", "SRV", "CAA"], upper(value))
      message   = "The record_type is one of A, AAAA, CNAME, MX, TXT, NS, SRV and CAA."
    }
  }
  attribute "name" {
    type        = string
    required    = true
    description = "The name within the zone; @ for the zone itself."
  }
  attribute "value" {
    type      = string
    required  = true
    normalize = trim(value, "\"")
  }
  attribute "ttl" {
    type    = number
    default = 3600
    validate {
      condition = value >= 60 && value <= 86400
      message   = "The ttl is a number of seconds from 60 to 86400."
    }
  }
  attribute "priority" {
    type     = number
    optional = true
  }
  validate {
    condition = config.priority != null || !contains(["MX", "SRV"], upper(config.record_type))
    message   = "MX and SRV records need a priority."
  }

  create {
    request "create" {
      path       = "/dns-zones/${self.zone}/records/"
      permission = "dns:create"
      body = {
        record_type = upper(self.record_type)
        name        = self.name
        value       = self.value
        ttl         = self.ttl
        priority    = self.priority
      }
      object = response
    }
  }

  list {
    path       = "/dns-zones/${self.zone}/"
    permission = "dns:list"
    items      = response.records
    item_key   = item.uuid
    key        = self.id
    attributes = ["id", "record_type", "name", "value", "ttl", "priority"]
  }

  update "record" {
    attributes = ["record_type", "name", "value", "ttl", "priority"]
    request "update" {
      path       = "/dns-records/${self.id}/"
      permission = "dns:update"
      idempotent = true
      keep_nulls = true
      body = {
        record_type = upper(self.record_type)
        name        = self.name
        value       = self.value
        ttl         = self.ttl
        priority    = self.priority
      }
      object = response
    }
  }

  delete {
    request "delete" {
      path       = "/dns-records/${self.id}/"
      permission = "dns:delete"
    }
  }

  import "<zone>/<id>" {}

  recover {
    match = item.record_type == upper(self.record_type) && item.name == self.name && trim(item.value, "\"") == trim(self.value, "\"")
  }
}

resource "vpsorg_domain" {
  description = "A domain that the account has already: it is adopted, not registered, and forgotten, not deleted."

  attribute "id" {
    type     = string
    computed = true
    from     = ["uuid", "id"]
  }
  attribute "domain_name" {
    type      = string
    required  = true
    on_change = "replace"
    normalize = trimsuffix(lower(value), ".")
  }
  attribute "nameservers" {
    type     = list(string)
    optional = true
    computed = true
    from     = ["nameservers", "nameserver1"]
    # As a list, or as nameserver1 to nameserver4.
    decode = try(tolist(value), compact([value, try(response.nameserver2, null), try(response.nameserver3, null), try(response.nameserver4, null)]))
    validate {
      condition = length(value) >= 1 && length(value) <= 4
      message   = "One to four name servers are needed."
    }
  }
  attribute "auto_renew" {
    type     = bool
    optional = true
    computed = true
  }
  attribute "locked" {
    type     = bool
    optional = true
    computed = true
    from     = ["locked", "transfer_lock"]
  }
  attribute "privacy_protection" {
    type     = bool
    optional = true
    computed = true
    from     = ["privacy_protection", "whois_privacy"]
  }
  attribute "status" {
    type     = string
    computed = true
  }
  attribute "registration_date" {
    type     = string
    computed = true
  }
  attribute "expiration_date" {
    type     = string
    computed = true
  }
  attribute "days_until_expiration" {
    type     = number
    computed = true
    volatile = true
  }
  attribute "registrar" {
    type     = string
    computed = true
  }
  attribute "dns_managed_by" {
    type     = string
    computed = true
  }

  create {
    request "find" {
      method     = "GET"
      path       = "/domains/"
      query      = { search = self.domain_name }
      permission = "domains:list"
      paging     = "pages"
      items      = try(body.results, body)
      result     = { id = one([for d in items : try(d.uuid, tostring(d.id)) if lower(d.domain_name) == trimsuffix(lower(self.domain_name), ".")]) }
      expect {
        condition = length([for d in items : d if lower(d.domain_name) == trimsuffix(lower(self.domain_name), ".")]) == 1
        message   = "The account has no such domain. The API cannot register one; do that on the web site first."
      }
    }
    request "nameservers" {
      when       = config.nameservers != null
      path       = "/domains/${self.id}/update_nameservers/"
      permission = "domains:update"
      idempotent = true
      body       = { nameservers = self.nameservers }
    }
    request "settings" {
      when       = config.auto_renew != null || config.locked != null || config.privacy_protection != null
      method     = "PATCH"
      path       = "/domains/${self.id}/"
      permission = "domains:update"
      hints = {
        "404" = "The vendor does not document how these settings are changed; the service may not offer it. Leave auto_renew, locked and privacy_protection out then."
        "405" = "The vendor does not document how these settings are changed; the service may not offer it. Leave auto_renew, locked and privacy_protection out then."
      }
      idempotent = true
      body = {
        auto_renew         = config.auto_renew
        locked             = config.locked
        privacy_protection = config.privacy_protection
      }
    }
  }

  read {
    request "details" {
      path       = "/domains/${self.id}/"
      permission = "domains:list"
    }
  }

  list {
    path       = "/domains/"
    permission = "domains:list"
    paging     = "pages"
    items      = try(body.results, body)
    item_key   = try(item.uuid, tostring(item.id))
    key        = self.id
    attributes = ["id", "domain_name", "nameservers", "auto_renew", "locked", "privacy_protection", "status", "registration_date", "expiration_date", "days_until_expiration", "registrar", "dns_managed_by"]
  }

  update "nameservers" {
    attributes = ["nameservers"]
    request "nameservers" {
      method     = "POST"
      path       = "/domains/${self.id}/update_nameservers/"
      permission = "domains:update"
      idempotent = true
      body       = { nameservers = self.nameservers }
    }
  }
  update "settings" {
    attributes = ["auto_renew", "locked", "privacy_protection"]
    request "settings" {
      path       = "/domains/${self.id}/"
      permission = "domains:update"
      hints = {
        "404" = "The vendor does not document how these settings are changed; the service may not offer it. Leave auto_renew, locked and privacy_protection out then."
        "405" = "The vendor does not document how these settings are changed; the service may not offer it. Leave auto_renew, locked and privacy_protection out then."
      }
      idempotent = true
      body = {
        auto_renew         = self.auto_renew
        locked             = self.locked
        privacy_protection = self.privacy_protection
      }
    }
  }

  delete {
    forget = "The API cannot delete domains: this one stays in the account as it is. Loam only forgets it."
  }

  import "<domain_name>" {
    when = can(regex("\\.", id))
  }
  import "<id>" {}

  recover {
    match = lower(item.domain_name) == trimsuffix(lower(self.domain_name), ".")
  }
}

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

data "vpsorg_domains" {
  description = "All domains, or those of a status."
  attribute "status" {
    type     = string
    optional = true
    from     = []
  }
  attribute "search" {
    type        = string
    optional    = true
    from        = []
    description = "Part of the name."
  }
  attribute "domains" {
    type = list(object({
      id                    = string
      domain_name           = string
      status                = string
      registration_date     = string
      expiration_date       = string
      days_until_expiration = number
      auto_renew            = bool
      locked                = bool
      privacy_protection    = bool
      nameservers           = list(string)
      dns_managed_by        = string
      registrar             = string
    }))
    computed = true
  }
  request "list" {
    path       = "/domains/"
    query      = { status = self.status, search = self.search }
    permission = "domains:list"
    paging     = "pages"
    items      = try(body.results, body)
    # The vendor's pages and its client have different names for the same.
    result = {
      domains = [for d in items : merge(d, {
        id                 = try(d.uuid, d.id)
        locked             = try(d.locked, d.transfer_lock, null)
        privacy_protection = try(d.privacy_protection, d.whois_privacy, null)
        nameservers        = try(d.nameservers, compact([for n in ["nameserver1", "nameserver2", "nameserver3", "nameserver4"] : try(d[n], null)]))
      })]
    }
  }
}

data "vpsorg_domain" {
  description = "One domain of the account."
  attribute "domain_name" {
    type     = string
    required = true
  }
  attribute "id" {
    type     = string
    computed = true
    from     = ["uuid", "id"]
  }
  attribute "status" {
    type     = string
    computed = true
  }
  attribute "registration_date" {
    type     = string
    computed = true
  }
  attribute "expiration_date" {
    type     = string
    computed = true
  }
  attribute "auto_renew" {
    type     = bool
    computed = true
  }
  attribute "days_until_expiration" {
    type     = number
    computed = true
  }
  attribute "registrar" {
    type     = string
    computed = true
  }
  attribute "dns_managed_by" {
    type     = string
    computed = true
  }
  attribute "locked" {
    type     = bool
    computed = true
    from     = ["locked", "transfer_lock"]
  }
  attribute "privacy_protection" {
    type     = bool
    computed = true
    from     = ["privacy_protection", "whois_privacy"]
  }
  attribute "nameservers" {
    type     = list(string)
    computed = true
    from     = ["nameservers", "nameserver1"]
    decode   = try(tolist(value), compact([value, try(response.nameserver2, null), try(response.nameserver3, null), try(response.nameserver4, null)]))
  }
  request "find" {
    path       = "/domains/"
    query      = { search = self.domain_name }
    permission = "domains:list"
    paging     = "pages"
    items      = try(body.results, body)
    object     = one([for d in items : d if d.domain_name == self.domain_name])
    expect {
      condition = length([for d in items : d if d.domain_name == self.domain_name]) == 1
      message   = "The account has no such domain."
    }
  }
}

data "vpsorg_domain_search" {
  description = "Whether a domain can be registered, and what it costs."
  attribute "domain" {
    type     = string
    required = true
    from     = []
  }
  attribute "available" {
    type     = bool
    computed = true
  }
  attribute "price" {
    type     = number
    computed = true
  }
  attribute "currency" {
    type     = string
    computed = true
  }
  attribute "renewal_price" {
    type     = number
    computed = true
  }
  request "search" {
    method     = "POST"
    path       = "/domains/search/"
    permission = "domains:search"
    idempotent = true
    body       = { domain = self.domain }
  }
}

data "vpsorg_dns_zones" {
  description = "All DNS zones."
  attribute "zones" {
    type = list(object({
      uuid         = string
      domain       = string
      created_at   = string
      record_count = number
    }))
    computed = true
  }
  request "list" {
    path       = "/dns-zones/"
    permission = "dns:list"
    paging     = "pages"
    items      = try(body.results, body)
    result     = { zones = items }
  }
}

data "vpsorg_dns_zone" {
  description = "One DNS zone with its records, by domain."
  attribute "domain" {
    type     = string
    required = true
  }
  attribute "id" {
    type     = string
    computed = true
    from     = "uuid"
  }
  attribute "record_count" {
    type     = number
    computed = true
  }
  attribute "created_at" {
    type     = string
    computed = true
  }
  attribute "records" {
    type = list(object({
      uuid        = string
      record_type = string
      name        = string
      value       = string
      ttl         = number
      priority    = number
    }))
    computed = true
  }
  request "find" {
    path       = "/dns-zones/"
    query      = { domain = self.domain }
    permission = "dns:list"
    paging     = "pages"
    items      = try(body.results, body)
    result     = { id = one([for z in items : z.uuid if z.domain == self.domain]) }
    expect {
      condition = length([for z in items : z if z.domain == self.domain]) == 1
      message   = "There is no zone of that domain."
    }
  }
  request "details" {
    path       = "/dns-zones/${self.id}/"
    permission = "dns:list"
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
