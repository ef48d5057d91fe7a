# Firewalls and their rules, which are read with the firewall only.

# What firewalls and load balancers have in common.
template "gateway" {
  use = "identified"
  attribute "name" {
    type     = string
    required = true
  }
  attribute "cloud_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = "cloud.identifier"
    keep      = true
  }
  attribute "tenant_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = "tenant.identifier"
    keep      = true
  }
  attribute "external_network_id" {
    type      = string
    optional  = true
    on_change = "replace"
    from      = []
  }
  attribute "external_ipv4_address_id" {
    type      = string
    optional  = true
    on_change = "replace"
    from      = []
  }
  attribute "external_ipv4_address" {
    type     = string
    computed = true
    from     = "externalIp"
  }
  attribute "internal_ipv4_address" {
    type      = string
    optional  = true
    computed  = true
    on_change = "replace"
    from      = "internalIp"
  }
  attribute "health" {
    type     = string
    computed = true
    volatile = true
  }
  attribute "state" {
    type     = number
    computed = true
    volatile = true
  }
  validate {
    condition = config.external_network_id == null || config.external_ipv4_address_id == null
    message   = "Set external_network_id or external_ipv4_address_id, not both."
  }
  timeouts {
    create = "30m"
  }
}

# A data source for one of them.
template "gateway_data" {
  use = "id_or_name"
  attribute "cloud_id" {
    type     = string
    computed = true
    from     = "cloud.identifier"
  }
  attribute "external_ipv4_address" {
    type     = string
    computed = true
    from     = "externalIp"
  }
  attribute "internal_ipv4_address" {
    type     = string
    computed = true
    from     = "internalIp"
  }
  attribute "tenant_id" {
    type     = string
    computed = true
    from     = "tenant.identifier"
  }
}

resource "xelon_firewall" {
  use         = "gateway"
  description = "A firewall between an internal and an external network."

  attribute "internal_network_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
  }
  create {
    request "create" {
      path = "/firewalls"
      body = {
        cloudIdentifier           = self.cloud_id
        name                      = self.name
        tenantIdentifier          = self.tenant_id
        externalIpIdentifier      = self.external_ipv4_address_id
        externalNetworkIdentifier = self.external_network_id
        internalIp                = self.internal_ipv4_address
        internalNetworkIdentifier = self.internal_network_id
      }
      object = response
    }
    wait "ready" {
      use          = "state"
      path         = "/firewalls/${self.id}"
      list_pending = contains([0, 2], try(item.state, 1))
      object       = response
    }
  }
  read {
    request "read" {
      path = "/firewalls/${self.id}"
    }
  }
  list {
    use        = "list"
    path       = "/firewalls"
    attributes = ["id", "name", "cloud_id", "tenant_id", "external_ipv4_address", "internal_ipv4_address", "health", "state"]
  }
  update "name" {
    attributes = ["name"]
    request "rename" {
      method = "PUT"
      path   = "/firewalls/${self.id}"
      body   = { name = self.name }
    }
  }
  delete {
    request "delete" {
      path = "/firewalls/${self.id}"
    }
  }
  recover {
    match   = item.name == self.name
    created = item.createdAt
  }
}

# A rule's request: one side is a list of addresses, the other one address; which is
# which follows from the type. Port 0 is left out.
template "firewall_rule" {
  body = {
    type          = self.type
    protocol      = self.protocol
    port          = try({ inbound = self.to_port, outbound = self.from_port }[self.type] > 0, false) ? { inbound = self.to_port, outbound = self.from_port }[self.type] : null
    externalPort  = try({ inbound = self.from_port, outbound = self.to_port }[self.type] > 0, false) ? { inbound = self.from_port, outbound = self.to_port }[self.type] : null
    sourceIp      = { inbound = self.source_ipv4_addresses, outbound = try(one(self.source_ipv4_addresses), null) }[self.type]
    destinationIp = { inbound = try(one(self.destination_ipv4_addresses), null), outbound = self.destination_ipv4_addresses }[self.type]
  }
  object = response
}

resource "xelon_firewall_forwarding_rule" {
  description = "A rule of a firewall. It allows; there is no order."

  attribute "id" {
    type     = string
    computed = true
    from     = "identifier"
  }
  attribute "firewall_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
  }
  attribute "type" {
    type     = string
    required = true
    validate {
      condition = contains(["inbound", "outbound"], value)
      message   = "One of inbound, outbound is needed."
    }
  }
  attribute "protocol" {
    type     = string
    required = true
    validate {
      condition = contains(["icmp", "tcp", "udp"], value)
      message   = "One of icmp, tcp, udp is needed."
    }
  }
  attribute "from_port" {
    type        = number
    required    = true
    from        = "protocol"
    decode      = try(coalesce(response.type == "inbound" ? response.externalPort : response.port), 0)
    description = "The port that traffic comes in by: the firewall's of an inbound rule, the device's of an outbound one."
    validate {
      condition = value >= 0 && value <= 65535
      message   = "A port is a number from 0 to 65535."
    }
  }
  attribute "to_port" {
    type     = number
    required = true
    from     = "protocol"
    decode   = try(coalesce(response.type == "inbound" ? response.port : response.externalPort), 0)
    validate {
      condition = value >= 0 && value <= 65535
      message   = "A port is a number from 0 to 65535."
    }
  }
  attribute "source_ipv4_addresses" {
    type     = set(string)
    required = true
    from     = "sourceIp"
    validate {
      condition = length(value) > 0 && alltrue([for a in value : a != ""])
      message   = "At least one address is needed, and none may be empty."
    }
  }
  attribute "destination_ipv4_addresses" {
    type     = set(string)
    required = true
    from     = "destinationIp"
    validate {
      condition = length(value) > 0 && alltrue([for a in value : a != ""])
      message   = "At least one address is needed, and none may be empty."
    }
  }
  validate {
    condition = config.type != "inbound" || length(config.destination_ipv4_addresses) == 1
    message   = "An inbound rule takes one destination."
  }
  validate {
    condition = config.type != "outbound" || length(config.source_ipv4_addresses) == 1
    message   = "An outbound rule takes one source."
  }
  create {
    request "create" {
      use  = "firewall_rule"
      path = "/firewalls/${self.firewall_id}/rules"
    }
  }
  list {
    path       = "/firewalls/${self.firewall_id}"
    items      = response.forwardingRules
    item_key   = item.identifier
    key        = self.id
    partial    = true
    attributes = ["id", "type", "protocol", "from_port", "to_port", "source_ipv4_addresses", "destination_ipv4_addresses"]
  }
  update "rule" {
    attributes = ["type", "protocol", "from_port", "to_port", "source_ipv4_addresses", "destination_ipv4_addresses"]
    request "update" {
      use    = "firewall_rule"
      method = "PUT"
      path   = "/firewalls/${self.firewall_id}/rules/${self.id}"
    }
  }
  delete {
    request "delete" {
      path = "/firewalls/${self.firewall_id}/rules/${self.id}"
    }
  }
  import "<firewall_id>/<id>" {}
  recover {
    match = (item.type == self.type && item.protocol == self.protocol
      && try(item.port, 0) == (self.type == "inbound" ? self.to_port : self.from_port)
      && try(item.externalPort, 0) == (self.type == "inbound" ? self.from_port : self.to_port)
    && toset(flatten([item.sourceIp])) == self.source_ipv4_addresses && toset(flatten([item.destinationIp])) == self.destination_ipv4_addresses)
  }
}

data "xelon_firewall" {
  use         = "gateway_data"
  description = "A firewall, by id or exact name."
  request "find" {
    use  = "find"
    path = "/firewalls"
  }
  request "details" {
    use  = "details"
    path = "/firewalls/${self.id}"
  }
}

data "xelon_firewalls" {
  description = "Firewalls, as far as the list tells them."
  attribute "search" {
    type     = string
    optional = true
    from     = []
  }
  attribute "firewalls" {
    type     = list(object({ id = string, name = string, state = number, health = string, external_ipv4_address = string, internal_ipv4_address = string }))
    computed = true
    from     = []
  }
  request "firewalls" {
    use    = "pages"
    path   = "/firewalls"
    query  = { search = self.search }
    result = { firewalls = [for f in items : { id = f.identifier, name = f.name, state = try(f.state, null), health = try(f.health, null), external_ipv4_address = try(f.externalIp, null), internal_ipv4_address = try(f.internalIp, null) }] }
  }
}
