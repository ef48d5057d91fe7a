# DNS: zones, records and the SOA record.

resource "xelon_dns_zone" {
  use         = "identified"
  description = "A DNS zone."

  attribute "name" {
    type      = string
    required  = true
    on_change = "replace"
    validate {
      condition = value != ""
      message   = "A name is needed."
    }
  }
  create {
    request "create" {
      path   = "/dns"
      body   = { domain = self.name }
      object = response
    }
  }
  read {
    request "read" {
      path = "/dns/${self.id}"
    }
  }
  list {
    use        = "list"
    path       = "/dns"
    attributes = ["id", "name"]
  }
  delete {
    request "delete" {
      path = "/dns/${self.id}"
    }
  }
  recover {
    match   = item.name == self.name
    created = item.createdAt
  }
}

# The body of a record. What only some types have is left out elsewhere.
template "record" {
  body = {
    host         = self.name
    type         = self.type
    record       = self.content
    ttl          = self.ttl
    priority     = self.priority
    weight       = self.weight
    port         = self.port
    caaFlag      = self.caa_flag
    caaType      = self.caa_type
    caaValue     = self.caa_value
    tag          = self.tag
    mail         = self.mail
    algorithm    = self.algorithm
    fingerprint  = self.fingerprint
    fpType       = self.fingerprint_type
    certificate  = self.certificate
    usage        = self.usage
    selector     = self.selector
    matchingType = self.matching_type
  }
}

resource "xelon_dns_record" {
  description = "A DNS record."

  attribute "id" {
    type     = string
    computed = true
    value    = "${self.zone_id}/${self.record_id}"
  }
  attribute "record_id" {
    type     = number
    computed = true
    from     = "id"
  }
  attribute "zone_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
  }
  attribute "name" {
    type        = string
    required    = true
    from        = "host"
    normalize   = value == "" ? "@" : value
    description = "Relative to the zone; @ for the zone itself."
  }
  attribute "type" {
    type     = string
    required = true
    validate {
      condition = contains(["A", "AAAA", "ALIAS", "CAA", "CNAME", "MX", "NS", "PTR", "RP", "SRV", "SSHFP", "TLSA", "TXT"], value)
      message   = "One of A, AAAA, ALIAS, CAA, CNAME, MX, NS, PTR, RP, SRV, SSHFP, TLSA, TXT is needed."
    }
  }
  attribute "content" {
    type        = string
    required    = true
    from        = "record"
    normalize   = trimsuffix(trim(value, "\""), ".")
    description = "Empty for types that say it in arguments of their own."
  }
  attribute "ttl" {
    type     = number
    required = true
    validate {
      condition = value >= 1
      message   = "At least 1 second."
    }
  }
  # The service does not tell the following again.
  attribute "priority" {
    type        = number
    optional    = true
    from        = []
    description = "Of MX and SRV records."
  }
  attribute "weight" {
    type        = number
    optional    = true
    from        = []
    description = "Of SRV records."
  }
  attribute "port" {
    type        = number
    optional    = true
    from        = []
    description = "Of SRV records."
  }
  attribute "caa_flag" {
    type     = number
    optional = true
    from     = []
  }
  attribute "caa_type" {
    type     = string
    optional = true
    from     = []
  }
  attribute "caa_value" {
    type     = string
    optional = true
    from     = []
  }
  attribute "tag" {
    type        = string
    optional    = true
    from        = []
    description = "Of CAA records."
  }
  attribute "mail" {
    type        = string
    optional    = true
    from        = []
    description = "Of RP records."
  }
  attribute "algorithm" {
    type        = number
    optional    = true
    from        = []
    description = "Of SSHFP records."
  }
  attribute "fingerprint" {
    type        = string
    optional    = true
    from        = []
    description = "Of SSHFP records."
  }
  attribute "fingerprint_type" {
    type        = string
    optional    = true
    from        = []
    description = "Of SSHFP records."
  }
  attribute "certificate" {
    type        = string
    optional    = true
    from        = []
    description = "Of TLSA records."
  }
  attribute "usage" {
    type        = number
    optional    = true
    from        = []
    description = "Of TLSA records."
  }
  attribute "selector" {
    type        = number
    optional    = true
    from        = []
    description = "Of TLSA records."
  }
  attribute "matching_type" {
    type        = number
    optional    = true
    from        = []
    description = "Of TLSA records."
  }
  identity = ["record_id"]
  validate {
    condition = config.content != "" || contains(["CAA", "RP", "SSHFP", "TLSA"], config.type)
    message   = "A record of this type needs content."
  }
  validate {
    condition = !contains(["MX", "SRV"], config.type) || config.priority != null
    message   = "MX and SRV records need priority."
  }
  create {
    # The answer does not tell the record's id: it is the one that was not there before.
    request "before" {
      method   = "GET"
      path     = "/dns/${self.zone_id}/records"
      remember = { before = [for r in response : tostring(r.id)] }
    }
    request "create" {
      use  = "record"
      path = "/dns/${self.zone_id}/records"
    }
    wait "listed" {
      use     = "settling"
      path    = "/dns/${self.zone_id}/records"
      delay   = "0s"
      timeout = "2m"
      done    = length([for r in response : r if r.type == self.type && trimsuffix(trim(r.record, "\""), ".") == trimsuffix(trim(self.content, "\""), ".") && (r.host == "" ? "@" : r.host) == self.name && !contains(remembered.before, tostring(r.id))]) > 0
      result = {
        record_id = [for r in response : r.id if r.type == self.type && trimsuffix(trim(r.record, "\""), ".") == trimsuffix(trim(self.content, "\""), ".") && (r.host == "" ? "@" : r.host) == self.name && !contains(remembered.before, tostring(r.id))][0]
      }
    }
  }
  list {
    path       = "/dns/${self.zone_id}/records"
    items      = response
    item_key   = tostring(item.id)
    key        = tostring(self.record_id)
    partial    = true
    attributes = ["record_id", "name", "type", "content", "ttl"]
  }
  update "record" {
    attributes = ["name", "type", "content", "ttl", "priority", "weight", "port", "caa_flag", "caa_type", "caa_value", "tag", "mail", "algorithm", "fingerprint", "fingerprint_type", "certificate", "usage", "selector", "matching_type"]
    request "update" {
      use    = "record"
      method = "PUT"
      path   = "/dns/${self.zone_id}/records/${self.record_id}"
    }
  }
  delete {
    request "delete" {
      path = "/dns/${self.zone_id}/records/${self.record_id}"
    }
  }
  import "<zone_id>/<record_id>" {}
  recover {
    match = item.host == self.name && item.type == self.type && trimsuffix(trim(item.record, "\""), ".") == trimsuffix(trim(self.content, "\""), ".") && item.ttl == self.ttl && try(!contains(remembered.before, tostring(item.id)), false)
  }
}

# The SOA record as a whole.
template "soa" {
  method = "PUT"
  path   = "/dns/${self.zone_id}/soa"
  body   = { primaryNs = self.primary_nameserver, adminMail = self.admin_email, refresh = self.refresh, retry = self.retry, expire = self.expire, ttl = self.ttl }
}

template "seconds" {
  type     = number
  required = true
  validate {
    condition = value >= 1
    message   = "At least 1 second."
  }
}

resource "xelon_dns_soa" {
  description = "The SOA record of a zone, which exists as long as the zone does."

  attribute "id" {
    type     = string
    computed = true
    value    = self.zone_id
  }
  attribute "zone_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
  }
  attribute "primary_nameserver" {
    type      = string
    required  = true
    from      = "primaryNs"
    normalize = trimsuffix(value, ".")
  }
  attribute "admin_email" {
    type     = string
    required = true
    from     = "adminMail"
    # Zone files write the address with a dot for the @.
    normalize = trimsuffix(replace(value, "@", "."), ".")
  }
  attribute "refresh" {
    use = "seconds"
  }
  attribute "retry" {
    use = "seconds"
  }
  attribute "expire" {
    use = "seconds"
  }
  attribute "ttl" {
    use = "seconds"
  }
  attribute "serial_number" {
    type     = number
    computed = true
    from     = "serialNumber"
    volatile = true
  }
  identity = ["zone_id"]
  create {
    request "set" {
      use = "soa"
    }
  }
  read {
    request "read" {
      path = "/dns/${self.zone_id}/soa"
    }
  }
  update "soa" {
    attributes = ["primary_nameserver", "admin_email", "refresh", "retry", "expire", "ttl"]
    request "set" {
      use = "soa"
    }
  }
  delete {
    forget = "A zone always has its SOA record: it stays as it is. Loam only forgets it."
  }
  import "<zone_id>" {}
}

data "xelon_dns_zone" {
  use         = "id_or_name"
  description = "A DNS zone, by id or exact name."
  attribute "owner_name" {
    type     = string
    computed = true
    from     = "ownerName"
  }
  attribute "created_at" {
    type     = string
    computed = true
    from     = "createdAt"
  }
  attribute "records" {
    type     = list(object({ id = number, type = string, name = string, content = string, ttl = number }))
    computed = true
    from     = []
  }
  attribute "soa" {
    type     = object({ serial_number = number, primary_nameserver = string, admin_email = string, refresh = number, retry = number, expire = number, ttl = number })
    computed = true
    from     = []
  }
  request "find" {
    use  = "find"
    path = "/dns"
  }
  request "details" {
    use    = "details"
    path   = "/dns/${self.id}"
    object = response
  }
  request "records" {
    path   = "/dns/${self.id}/records"
    result = { records = [for r in response : { id = r.id, type = r.type, name = r.host, content = r.record, ttl = r.ttl }] }
  }
  request "soa" {
    path   = "/dns/${self.id}/soa"
    result = { soa = { serial_number = try(response.serialNumber, null), primary_nameserver = response.primaryNs, admin_email = response.adminMail, refresh = response.refresh, retry = response.retry, expire = response.expire, ttl = response.ttl } }
  }
}

data "xelon_dns_zones" {
  description = "DNS zones."
  attribute "search" {
    type     = string
    optional = true
    from     = []
  }
  attribute "zones" {
    type     = list(object({ id = string, name = string, owner_name = string }))
    computed = true
    from     = []
  }
  request "zones" {
    use    = "pages"
    path   = "/dns"
    query  = { search = self.search }
    result = { zones = [for z in items : { id = z.identifier, name = z.name, owner_name = try(z.ownerName, null) }] }
  }
}
