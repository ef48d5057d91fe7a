# What can be read: domains, DNS zones and records.

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
