# DNS zones and records. Changes of one zone are made one after the other.

template "host" {
  type      = string
  optional  = true
  normalize = "${trimsuffix(lower(value), ".")}."
  validate {
    condition = endswith(value, ".")
    message   = "The name has to be whole, with a dot at the end."
  }
}

# -1 is how the vendor's provider writes "not set"; the API tells nothing then.
template "number" {
  type     = number
  optional = true
  keep     = true
  validate {
    condition = value >= -1 && value <= 65535 && floor(value) == value
    message   = "It is a number from 0 to 65535."
  }
}

resource "serverspace_domain" {
  description = "A DNS zone. Deleting it deletes its records."
  exclusive   = lower(self.name)

  attribute "id" {
    type        = string
    computed    = true
    value       = self.name
    description = "The name."
  }
  attribute "name" {
    type      = string
    required  = true
    on_change = "replace"
    normalize = "${trimsuffix(lower(value), ".")}."
    validate {
      condition = endswith(value, ".")
      message   = "The name has to end with a dot."
    }
    validate {
      condition = can(regex("^([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\\.)+[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\\.?$", value))
      message   = "The name is not one of a domain: labels of letters, digits and hyphens with dots between them."
    }
  }
  attribute "migrate_records" {
    type        = bool
    default     = false
    on_change   = "replace"
    from        = []
    description = "Whether to copy the domain's existing records. Cannot be read."
  }
  attribute "is_delegated" {
    type     = bool
    computed = true
    volatile = true
  }

  timeouts {
    create = "30m"
    delete = "30m"
  }

  create {
    request "create" {
      use  = "create"
      path = "/domains"
      body = { name = self.name, migrate_records = self.migrate_records }
    }
    wait "task" {
      use = "created"
    }
  }

  read {
    request "details" {
      path   = "/domains/${self.name}"
      object = response.domain
    }
  }

  list {
    path       = "/domains"
    items      = try(response.domains, [])
    item_key   = "${trimsuffix(lower(item.name), ".")}."
    key        = "${trimsuffix(lower(self.name), ".")}."
    attributes = ["name", "is_delegated"]
  }

  delete {
    request "delete" {
      use  = "removal"
      path = "/domains/${self.name}"
    }
  }

  import "<name>" {}

  recover {
    match = trimsuffix(lower(item.name), ".") == trimsuffix(lower(self.name), ".")
  }
}

resource "serverspace_domain_record" {
  description = "A DNS record."
  exclusive   = lower(self.domain)

  attribute "id" {
    type     = string
    computed = true
  }
  attribute "domain" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
    normalize = "${trimsuffix(lower(value), ".")}."
    validate {
      condition = endswith(value, ".")
      message   = "The domain has to end with a dot."
    }
  }
  attribute "name" {
    type      = string
    required  = true
    normalize = lower(value)
    # The service puts _service._protocol. before the name of an SRV record.
    decode = upper(try(response.type, "")) == "SRV" ? replace(value, "/^_[^.]+\\._[^.]+\\./", "") : value
    validate {
      condition = endswith(value, ".")
      message   = "The name has to be whole, with a dot at the end."
    }
  }
  attribute "type" {
    type      = string
    required  = true
    normalize = upper(value)
    validate {
      condition = contains(["A", "AAAA", "MX", "CNAME", "NS", "TXT", "SRV"], upper(value))
      message   = "The type is one of A, AAAA, MX, CNAME, NS, TXT and SRV."
    }
  }
  attribute "ip" {
    type      = string
    optional  = true
    normalize = try(cidrhost("${value}/${strcontains(value, ":") ? 128 : 32}", 0), lower(value))
  }
  attribute "mail_host" {
    use = "host"
  }
  attribute "canonical_name" {
    use = "host"
  }
  attribute "name_server_host" {
    use = "host"
    validate {
      condition = !can(regex("^ns0([1-6]\\.serverspace\\.com|[1-4]\\.ss4test\\.com)\\.$", lower(value)))
      message   = "This name server is the service's own; its records are not to be managed."
    }
  }
  attribute "text" {
    type     = string
    optional = true
    decode   = startswith(value, "\"") && endswith(value, "\"") && length(value) >= 2 ? substr(value, 1, length(value) - 2) : value
  }
  attribute "priority" {
    use = "number"
  }
  attribute "weight" {
    use = "number"
  }
  attribute "port" {
    use = "number"
  }
  attribute "target" {
    use = "host"
  }
  attribute "service" {
    type      = string
    optional  = true
    normalize = trimprefix(lower(value), "_")
  }
  attribute "protocol" {
    type      = string
    optional  = true
    normalize = lower(value)
    validate {
      condition = contains(["tcp", "udp", "tls"], lower(value))
      message   = "The protocol is tcp, udp or tls."
    }
  }
  attribute "ttl" {
    type        = string
    optional    = true
    computed    = true
    description = "Shared by all records of the name and type."
    validate {
      condition = contains(["1s", "5s", "30s", "1m", "5m", "10m", "15m", "30m", "1h", "2h", "6h", "12h", "1d"], value)
      message   = "The ttl is one of 1s, 5s, 30s, 1m, 5m, 10m, 15m, 30m, 1h, 2h, 6h, 12h and 1d."
    }
  }

  validate {
    condition = lower(config.name) == lower(config.domain) || endswith(lower(config.name), ".${lower(config.domain)}")
    message   = "The name of a record lies in its domain: it ends with the domain's name."
  }
  validate {
    condition = !contains(["A", "AAAA"], upper(config.type)) || config.ip != null
    message   = "Records of the types A and AAAA need an ip."
  }
  validate {
    condition = upper(config.type) != "A" || config.ip == null || (can(cidrhost("${config.ip}/32", 0)) && !strcontains(config.ip, ":"))
    message   = "The ip of an A record is an IPv4 address such as 203.0.113.14."
  }
  validate {
    condition = upper(config.type) != "AAAA" || config.ip == null || (can(cidrhost("${config.ip}/128", 0)) && strcontains(config.ip, ":"))
    message   = "The ip of an AAAA record is an IPv6 address such as 2001:db8::1."
  }
  validate {
    condition = upper(config.type) != "MX" || (config.mail_host != null && config.priority != null && config.priority != -1)
    message   = "Records of the type MX need a mail_host and a priority."
  }
  validate {
    condition = upper(config.type) != "CNAME" || config.canonical_name != null
    message   = "Records of the type CNAME need a canonical_name."
  }
  validate {
    condition = upper(config.type) != "NS" || config.name_server_host != null
    message   = "Records of the type NS need a name_server_host."
  }
  validate {
    condition = upper(config.type) != "TXT" || config.text != null
    message   = "Records of the type TXT need a text."
  }
  validate {
    condition = upper(config.type) != "SRV" || (config.service != null && config.protocol != null && config.target != null && !contains([for n in [config.priority, config.weight, config.port] : n == null || n == -1], true))
    message   = "Records of the type SRV need service, protocol, target, priority, weight and port."
  }

  timeouts {
    create = "30m"
    update = "30m"
    delete = "30m"
  }

  create {
    request "create" {
      use  = "create"
      path = "/domains/${self.domain}/records"
      body = {
        name             = self.name
        type             = upper(self.type)
        ip               = self.ip
        mail_host        = self.mail_host
        canonical_name   = self.canonical_name
        name_server_host = self.name_server_host
        text             = self.text
        priority         = self.priority == -1 ? null : self.priority
        weight           = self.weight == -1 ? null : self.weight
        port             = self.port == -1 ? null : self.port
        target           = self.target
        service          = self.service
        protocol         = self.protocol == null ? null : upper(self.protocol)
        ttl              = self.ttl
      }
    }
    wait "task" {
      use = "created"
      result = {
        id = try(tostring(response.task.record_id), one([for r in response.task.resources : tostring(r.id) if r.type == "record"]))
      }
    }
  }

  list {
    path       = "/domains/${self.domain}/records"
    items      = try(response.records, [])
    item_key   = tostring(item.id)
    key        = self.id
    attributes = ["id", "name", "type", "ip", "mail_host", "canonical_name", "name_server_host", "text", "priority", "weight", "port", "target", "service", "protocol", "ttl"]
  }

  # Replaces the whole record, which may get another id.
  update "record" {
    attributes = ["name", "type", "ip", "mail_host", "canonical_name", "name_server_host", "text", "priority", "weight", "port", "target", "service", "protocol", "ttl"]
    request "update" {
      method = "PUT"
      path   = "/domains/${self.domain}/records/${self.id}"
      body = {
        name             = self.name
        type             = upper(self.type)
        ip               = self.ip
        mail_host        = self.mail_host
        canonical_name   = self.canonical_name
        name_server_host = self.name_server_host
        text             = self.text
        priority         = self.priority == -1 ? null : self.priority
        weight           = self.weight == -1 ? null : self.weight
        port             = self.port == -1 ? null : self.port
        target           = self.target
        service          = self.service
        protocol         = self.protocol == null ? null : upper(self.protocol)
        ttl              = self.ttl
      }
      wait "task" {
        use = "task"
        result = {
          id = try(tostring(response.task.record_id), one([for r in response.task.resources : tostring(r.id) if r.type == "record"]))
        }
      }
    }
  }

  delete {
    request "delete" {
      use  = "removal"
      path = "/domains/${self.domain}/records/${self.id}"
    }
    # A deleted record stays listed for a while.
    wait "unlisted" {
      path     = "/domains/${self.domain}/records"
      interval = "5s"
      delay    = "0s"
      timeout  = "2m"
      done     = !contains([for r in try(response.records[*], []) : tostring(r.id)], self.id)
    }
  }

  import "<domain>/<id>" {}

  recover {
    match = upper(item.type) == upper(self.type) && (item.name == self.name || endswith(item.name, ".${self.name}")) && lower(try(item.ip, item.mail_host, item.canonical_name, item.name_server_host, item.target, trim(item.text, "\""), "")) == lower(try(coalesce(self.ip, self.mail_host, self.canonical_name, self.name_server_host, self.target, self.text), ""))
  }
}
