# Domains, DNS zones and records.

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
    validate {
      condition = can(regex("^([A-Za-z0-9_-]+\\.)+[A-Za-z0-9_-]+\\.?$", value))
      message   = "A domain name is needed, such as example.com."
    }
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
    type        = number
    optional    = true
    description = "Required for MX and SRV."
    validate {
      condition = value >= 0 && value <= 65535 && floor(value) == value
      message   = "The priority is a whole number from 0 to 65535."
    }
  }
  validate {
    condition = config.priority != null || !contains(["MX", "SRV"], upper(config.record_type))
    message   = "MX and SRV records need a priority."
  }
  validate {
    condition = upper(config.record_type) != "A" || can(regex("^[0-9.]+$", config.value)) && can(cidrhost("${config.value}/32", 0))
    message   = "The value of an A record is an IPv4 address."
  }
  validate {
    condition = upper(config.record_type) != "AAAA" || can(cidrhost("${config.value}/128", 0))
    message   = "The value of an AAAA record is an IPv6 address."
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
    validate {
      condition = alltrue([for n in value : can(regex("^([A-Za-z0-9-]+\\.)+[A-Za-z0-9-]+\\.?$", n))])
      message   = "A name server is a host name, such as ns1.example.com."
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
