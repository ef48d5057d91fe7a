# Gateways (edges) with their firewall and address translation.

template "gateway_change" {
  use = "change"
  wait "active" {
    use = "gateway"
  }
}

template "network" {
  type      = string
  required  = true
  normalize = try("${cidrhost(strcontains(value, "/") ? value : "${value}/32", 0)}/${split("/", "${value}/32")[1]}", value)
  validate {
    condition = can(cidrhost(strcontains(value, "/") ? value : "${value}/32", 0)) && !strcontains(value, ":")
    message   = "It is an IPv4 network such as 10.0.0.0/24, or an address."
  }
}

template "port" {
  type        = number
  default     = 0
  description = "0 means any."
  validate {
    condition = value >= 0 && value <= 65535
    message   = "A port is a number from 0 (any) to 65535."
  }
}

template "protocol" {
  type      = string
  required  = true
  normalize = lower(value)
  validate {
    condition = contains(["TCP", "UDP", "ICMP", "IP"], upper(value))
    message   = "The protocol is TCP, UDP, ICMP or IP."
  }
}

resource "serverspace_gateway" {
  description = "A gateway between isolated networks and the internet, with its firewall and address translation."
  exclusive   = self.id

  attribute "id" {
    type     = string
    computed = true
  }
  attribute "name" {
    type     = string
    required = true
    validate {
      condition = trimspace(value) != ""
      message   = "The gateway needs a name."
    }
  }
  attribute "location" {
    type      = string
    required  = true
    on_change = "replace"
    from      = "location_id"
  }
  attribute "bandwidth" {
    type        = number
    required    = true
    from        = "nics"
    decode      = try([for n in value : n.bandwidth_mbps if try(n.bandwidth_mbps, 0) > 0][0], null)
    description = "Mbit/s, a multiple of 10."
    validate {
      condition = value >= 10 && value % 10 == 0
      message   = "The bandwidth is a multiple of 10 Mbit/s, at least 10."
    }
  }
  attribute "network_ids" {
    type        = set(string)
    required    = true
    from        = "nics"
    decode      = [for n in value : n.network_id if try(coalesce(n.bandwidth_mbps, 0), 0) == 0]
    description = "The isolated networks that it serves."
    validate {
      condition = length(value) >= 1
      message   = "A gateway needs at least one isolated network."
    }
  }
  block "firewall_rule" {
    nesting     = "list"
    max         = 200
    from        = "firewall_rules"
    description = "A rule; the last that matches counts."
    # The service writes rules in its own way.
    normalize = [for r in value : merge(r, {
      action      = lower(r.action)
      direction   = lower(r.direction)
      protocol    = lower(r.protocol)
      source      = try("${cidrhost(strcontains(r.source, "/") ? r.source : "${r.source}/32", 0)}/${split("/", "${r.source}/32")[1]}", r.source)
      destination = try("${cidrhost(strcontains(r.destination, "/") ? r.destination : "${r.destination}/32", 0)}/${split("/", "${r.destination}/32")[1]}", r.destination)
    })]
    attribute "action" {
      type      = string
      required  = true
      normalize = lower(value)
      validate {
        condition = contains(["ALLOW", "DENY"], upper(value))
        message   = "The action is Allow or Deny."
      }
    }
    attribute "direction" {
      type      = string
      required  = true
      normalize = lower(value)
      validate {
        condition = contains(["IN", "OUT"], upper(value))
        message   = "The direction is In or Out."
      }
    }
    attribute "protocol" {
      use = "protocol"
    }
    attribute "source" {
      use = "network"
    }
    attribute "destination" {
      use = "network"
    }
    attribute "source_port" {
      use = "port"
    }
    attribute "destination_port" {
      use = "port"
    }
  }
  block "nat_rule" {
    nesting     = "list"
    max         = 200
    from        = "nat_rules"
    description = "A rule of address translation."
    normalize = [for r in value : merge(r, {
      type        = lower(r.type)
      protocol    = lower(r.protocol)
      source      = try("${cidrhost(strcontains(r.source, "/") ? r.source : "${r.source}/32", 0)}/${split("/", "${r.source}/32")[1]}", r.source)
      destination = try("${cidrhost(strcontains(r.destination, "/") ? r.destination : "${r.destination}/32", 0)}/${split("/", "${r.destination}/32")[1]}", r.destination)
    })]
    attribute "type" {
      type      = string
      required  = true
      normalize = lower(value)
      validate {
        condition = contains(["SNAT", "DNAT", "BINAT"], upper(value))
        message   = "The type is SNAT, DNAT or BINAT."
      }
    }
    attribute "protocol" {
      use = "protocol"
    }
    attribute "source" {
      use = "network"
    }
    attribute "destination" {
      use = "network"
    }
    attribute "destination_port" {
      use = "port"
    }
    attribute "translated" {
      type        = string
      required    = true
      description = "An address, without a mask."
      validate {
        condition = can(cidrhost("${value}/32", 0)) && !strcontains(value, ":")
        message   = "It is an IPv4 address, without a mask."
      }
    }
    attribute "translated_port" {
      use = "port"
    }
  }
  attribute "tags" {
    use = "tags"
  }
  attribute "public_ip" {
    type     = string
    computed = true
    from     = "nics"
    decode   = try([for n in value : n.ip_address if try(n.bandwidth_mbps, 0) > 0][0], null)
  }
  attribute "powered_on" {
    type     = bool
    computed = true
    volatile = true
  }
  attribute "state" {
    type     = string
    computed = true
    volatile = true
  }
  attribute "created" {
    type     = string
    computed = true
  }
  validate {
    condition = alltrue([for r in config.firewall_rule : contains(["TCP", "UDP"], upper(r.protocol)) || (coalesce(r.source_port, 0) == 0 && coalesce(r.destination_port, 0) == 0)])
    message   = "Ports mean something for TCP and UDP only: leave them out of firewall rules for ICMP and IP."
  }
  validate {
    condition = alltrue([for r in config.nat_rule : (contains(["TCP", "UDP"], upper(r.protocol)) && upper(r.type) != "BINAT") || (coalesce(r.destination_port, 0) == 0 && coalesce(r.translated_port, 0) == 0)])
    message   = "Ports mean something for TCP and UDP only, and not for BINAT: leave them out of such nat rules."
  }

  timeouts {
    create = "30m"
    update = "30m"
    delete = "20m"
  }

  create {
    request "create" {
      use  = "create"
      path = "/gateways"
      body = {
        name           = self.name
        location_id    = self.location
        bandwidth_mbps = self.bandwidth
        network_ids    = slice(sort(tolist(self.network_ids)), 0, min(3, length(self.network_ids)))
      }
    }
    wait "task" {
      use     = "created"
      usually = "25s"
      result = {
        id = try(response.task.gateway_id, one([for r in response.task.resources : r.id if r.type == "gateway"]))
      }
    }
    wait "active" {
      use          = "gateway"
      tolerate     = ["404"]
      tolerate_for = "1m"
    }
    # A creation connects three networks at most. A network that is connected already is not
    # connected again, so that an interrupted creation can go on here.
    request "connected" {
      method = "GET"
      when   = length(self.network_ids) > 3
      path   = "/gateways/${self.id}"
    }
    request "connect" {
      use        = "gateway_change"
      for_each   = try(setsubtract(self.network_ids, [for n in step.connected.gateway.nics : n.network_id]), [])
      method     = "POST"
      path       = "/gateways/${self.id}/nics"
      body       = { network_id = each.value }
      idempotent = true
    }
    request "firewall" {
      use  = "gateway_change"
      when = length(self.firewall_rule) > 0
      path = "/gateways/${self.id}/firewall"
      body = { firewall_rules = self.firewall_rule }
    }
    request "nat" {
      use  = "gateway_change"
      when = length(self.nat_rule) > 0
      path = "/gateways/${self.id}/nat"
      body = { nat_rules = self.nat_rule }
    }
    request "tag" {
      use      = "tag"
      for_each = try(self.tags[*], [])
      path     = "/gateways/${self.id}/tags"
    }
  }

  read {
    request "details" {
      path   = "/gateways/${self.id}"
      object = response.gateway
    }
  }

  list {
    path       = "/gateways"
    items      = try(response.gateways, [])
    item_key   = item.id
    key        = self.id
    attributes = ["id", "name", "location", "bandwidth", "network_ids", "firewall_rule", "nat_rule", "tags", "public_ip", "powered_on", "state", "created"]
  }

  update "name" {
    attributes = ["name"]
    request "rename" {
      use  = "change"
      path = "/gateways/${self.id}"
      body = { name = self.name }
    }
  }
  update "bandwidth" {
    attributes = ["bandwidth"]
    request "bandwidth" {
      use  = "gateway_change"
      path = "/gateways/${self.id}/bandwidth"
      body = { bandwidth_mbps = self.bandwidth }
    }
  }
  update "networks" {
    attributes = ["network_ids"]
    request "connect" {
      use      = "gateway_change"
      for_each = setsubtract(self.network_ids, prior.network_ids)
      method   = "POST"
      path     = "/gateways/${self.id}/nics"
      body     = { network_id = each.value }
    }
    request "nics" {
      method = "GET"
      path   = "/gateways/${self.id}"
    }
    request "disconnect" {
      use      = "removal"
      for_each = [for n in step.nics.gateway.nics : n.id if contains(setsubtract(prior.network_ids, self.network_ids), n.network_id)]
      path     = "/gateways/${self.id}/nics/${each.value}"
      wait "active" {
        use = "gateway"
      }
    }
  }
  update "firewall" {
    attributes = ["firewall_rule"]
    request "firewall" {
      use  = "gateway_change"
      path = "/gateways/${self.id}/firewall"
      body = { firewall_rules = self.firewall_rule }
    }
  }
  update "nat" {
    attributes = ["nat_rule"]
    request "nat" {
      use  = "gateway_change"
      path = "/gateways/${self.id}/nat"
      body = { nat_rules = self.nat_rule }
    }
  }
  update "tags" {
    attributes = ["tags"]
    request "add" {
      use      = "tag"
      for_each = setsubtract(self.tags, try(coalesce(prior.tags, []), []))
      path     = "/gateways/${self.id}/tags"
    }
    request "remove" {
      use  = "untag"
      path = "/gateways/${self.id}/tags/${each.value}"
    }
  }

  # A gateway that is gone already is answered with 500; it is looked for then.
  delete {
    request "delete" {
      use  = "removal"
      path = "/gateways/${self.id}"
    }
  }

  import "<id>" {}

  recover {
    match   = item.name == self.name && item.location_id == self.location
    created = item.created
  }
}
