# DNS records; zones are made in the dashboard.

resource "xessone_dns_record" {
  description = "A DNS record. It cannot be changed: a change makes a new one. A CNAME cannot be created before the old one is destroyed."

  attribute "id" {
    type     = string
    computed = true
  }
  attribute "zone" {
    type        = string
    required    = true
    on_change   = "replace"
    from        = []
    normalize   = trimsuffix(lower(value), ".")
    description = "The zone's domain. Zones are made in the dashboard."
  }
  attribute "type" {
    type      = string
    required  = true
    on_change = "replace"
    normalize = upper(value)
    validate {
      condition = contains(["A", "AAAA", "CNAME", "MX", "TXT", "NS", "SRV", "CAA"], upper(value))
      message   = "The type is one of A, AAAA, CNAME, MX, TXT, NS, SRV and CAA."
    }
  }
  attribute "name" {
    type      = string
    required  = true
    on_change = "replace"
    # Within the zone or whole, with or without the dot at the end.
    normalize   = trimsuffix(lower(value), ".") == self.zone ? "@" : trimsuffix(trimsuffix(lower(value), "."), ".${self.zone}")
    description = "The name within the zone, @ for the zone itself; or the whole name."
  }
  attribute "value" {
    type      = string
    required  = true
    on_change = "replace"
    normalize = trimsuffix(trim(value, "\""), ".")
  }
  attribute "ttl" {
    type        = number
    optional    = true
    computed    = true
    on_change   = "replace"
    description = "Seconds, 60 to 86400; 3600 if not set."
    validate {
      condition = value >= 60 && value <= 86400
      message   = "The ttl is a number of seconds from 60 to 86400."
    }
  }
  attribute "priority" {
    type        = number
    optional    = true
    on_change   = "replace"
    description = "Required for MX and SRV, refused for others."
    validate {
      condition = value >= 0 && value <= 65535 && floor(value) == value
      message   = "The priority is a whole number from 0 to 65535."
    }
  }
  attribute "created_at" {
    type     = string
    computed = true
  }
  validate {
    condition = (config.priority == null) != contains(["MX", "SRV"], upper(config.type))
    message   = "priority is required for MX and SRV records and not allowed for others."
  }
  validate {
    condition = upper(config.type) != "A" || can(regex("^[0-9.]+$", config.value)) && can(cidrhost("${config.value}/32", 0))
    message   = "The value of an A record is an IPv4 address."
  }
  validate {
    condition = upper(config.type) != "AAAA" || can(cidrhost("${config.value}/128", 0))
    message   = "The value of an AAAA record is an IPv6 address."
  }

  create {
    request "create" {
      path  = "/dns/zones/${self.zone}/records"
      hints = { "404" = "The account has no such zone. Zones are made in the dashboard; the data source xessone_dns_zones lists them." }
      body = {
        type     = upper(self.type)
        name     = trimsuffix(lower(self.name), ".") == self.zone ? "@" : trimsuffix(trimsuffix(self.name, "."), ".${self.zone}")
        value    = self.value
        ttl      = self.ttl
        priority = self.priority
      }
      object = response
    }
  }

  list {
    path       = "/dns/zones/${self.zone}/records"
    paging     = "pages"
    items      = try(response.items, response.records, response)
    item_key   = item.id
    key        = self.id
    attributes = ["id", "type", "name", "value", "ttl", "priority", "created_at"]
  }

  delete {
    request "delete" {
      path = "/dns/zones/${self.zone}/records/${self.id}"
    }
  }

  import "<zone>/<id>" {}

  recover {
    match = upper(item.type) == upper(self.type) && lower(item.name) == (trimsuffix(lower(self.name), ".") == self.zone ? "@" : trimsuffix(trimsuffix(lower(self.name), "."), ".${self.zone}")) && trim(item.value, "\"") == trim(self.value, "\"")
  }
}

data "xessone_dns_zones" {
  description = "All DNS zones."
  attribute "zones" {
    type = list(object({
      domain       = string
      status       = string
      record_count = number
      nameservers  = list(string)
      created_at   = string
    }))
    computed = true
  }
  request "list" {
    path   = "/dns/zones"
    paging = "pages"
    items  = try(response.items, response.zones, response)
    result = { zones = items }
  }
}

data "xessone_dns_zone" {
  description = "One DNS zone."
  attribute "domain" {
    type     = string
    required = true
    from     = []
  }
  attribute "status" {
    type     = string
    computed = true
  }
  attribute "record_count" {
    type     = number
    computed = true
  }
  attribute "nameservers" {
    type     = list(string)
    computed = true
  }
  attribute "created_at" {
    type     = string
    computed = true
  }
  request "list" {
    path   = "/dns/zones"
    paging = "pages"
    items  = try(response.items, response.zones, response)
    object = one([for z in items : z if z.domain == self.domain])
    expect {
      condition = length([for z in items : z if z.domain == self.domain]) == 1
      message   = "There is no zone of that domain. Zones are made in the dashboard."
    }
  }
}

data "xessone_dns_records" {
  description = "The records of a DNS zone."
  attribute "zone" {
    type     = string
    required = true
    from     = []
  }
  attribute "records" {
    type = list(object({
      id         = string
      type       = string
      name       = string
      value      = string
      ttl        = number
      priority   = number
      created_at = string
    }))
    computed = true
  }
  request "list" {
    path   = "/dns/zones/${self.zone}/records"
    hints  = { "404" = "The account has no such zone. Zones are made in the dashboard; the data source xessone_dns_zones lists them." }
    paging = "pages"
    items  = try(response.items, response.records, response)
    result = { records = items }
  }
}
