# The VMware Cloud section: the edges of routed networks, with their firewall, address
# translation and tunnels.

template "vmware_network_id" {
  type        = number
  required    = true
  on_change   = "replace"
  from        = []
  description = "A routed network."
}

# What an edge has several of. Creating one and changing it are the same request, which names
# what it changes.
template "vmware_edge_part" {
  exclusive = try("vmware network ${self.network_id}", null)
  attribute "id" {
    use = "vmware_id"
  }
  attribute "network_id" {
    use = "vmware_network_id"
  }
  import "<network_id>/<id>" {}
  import "<network_id>:<id>" {}
}

template "vmware_edge_firewall" {
  use  = "vmware_change"
  path = "/vmware/networks/${self.network_id}/edge/firewall"
  body = { enabled = self.enabled, default_action = self.default_action, rules = self.rule }
}

template "vmware_edge_nat_rule" {
  path = "/vmware/networks/${self.network_id}/edge/nat"
  body = {
    rule_id         = self.id
    type            = self.type
    description     = self.description
    protocol        = self.protocol
    original_ip     = self.original_ip
    original_port   = self.original_port
    translated_ip   = self.translated_ip
    translated_port = self.translated_port
    enabled         = self.enabled
  }
}

template "vmware_edge_vpn_tunnel" {
  path = "/vmware/networks/${self.network_id}/edge/vpn"
  body = {
    tunnel_id               = self.id
    name                    = self.name
    enabled                 = self.enabled
    mtu                     = self.mtu
    encryption_type         = self.encryption_type
    shared_key              = self.shared_key
    peer_network            = self.peer_network
    peer_endpoint           = self.peer_endpoint
    peer_identificator      = self.peer_identificator
    perfect_forward_secrecy = self.perfect_forward_secrecy
    diffie_hellman_group    = self.diffie_hellman_group
  }
}

resource "serverspace_vmware_edge_firewall" {
  description = "The firewall of the edge of a routed network. Destroying it takes all rules away and denies everything."
  identity    = ["network_id"]
  exclusive   = try("vmware network ${self.network_id}", null)

  attribute "id" {
    type     = string
    computed = true
    value    = tostring(self.network_id)
  }
  attribute "network_id" {
    use = "vmware_network_id"
  }
  attribute "enabled" {
    type    = bool
    default = true
  }
  attribute "default_action" {
    type      = string
    required  = true
    normalize = lower(value)
    validate {
      condition = contains(["allow", "deny"], lower(value))
      message   = "The default_action is allow or deny."
    }
  }
  block "rule" {
    use = "vmware_rule"
    attribute "action" {
      type      = string
      required  = true
      normalize = lower(value)
      validate {
        condition = contains(["allow", "deny"], lower(value))
        message   = "The action is allow or deny."
      }
    }
  }

  create {
    request "create" {
      use = "vmware_edge_firewall"
    }
  }
  read {
    request "firewall" {
      path   = "/vmware/networks/${self.network_id}/edge/firewall"
      object = try(response.firewall, response)
    }
  }
  update "firewall" {
    attributes = ["enabled", "default_action", "rule"]
    request "update" {
      use = "vmware_edge_firewall"
    }
  }
  delete {
    request "delete" {
      use  = "vmware_edge_firewall"
      body = { enabled = true, default_action = "deny", rules = [] }
    }
  }

  import "<network_id>" {}
}

resource "serverspace_vmware_edge_nat_rule" {
  description = "A rule of address translation of the edge of a routed network."
  use         = "vmware_edge_part"

  attribute "type" {
    type     = string
    required = true
    validate {
      condition = contains(["SNAT", "DNAT"], value)
      message   = "The type is SNAT or DNAT."
    }
  }
  attribute "description" {
    type    = string
    default = ""
  }
  attribute "protocol" {
    type      = string
    required  = true
    normalize = lower(value)
  }
  attribute "original_ip" {
    type        = string
    optional    = true
    decode      = response.type == "DNAT" ? null : value
    description = "Of an SNAT rule; that of a DNAT rule is the edge's own address."
  }
  attribute "original_port" {
    use = "vmware_text_any"
  }
  attribute "translated_ip" {
    type     = string
    required = true
  }
  attribute "translated_port" {
    use = "vmware_text_any"
  }
  attribute "enabled" {
    type    = bool
    default = true
  }
  validate {
    condition = (config.type == "DNAT") == (config.original_ip == null)
    message   = "An SNAT rule needs an original_ip; that of a DNAT rule is the edge's own address: leave it out."
  }

  create {
    request "create" {
      use = ["create", "vmware_edge_nat_rule"]
    }
    wait "task" {
      use = "vmware_task"
    }
    # No answer tells its id: it is the newest that is so.
    wait "listed" {
      path     = "/vmware/networks/${self.network_id}/edge/nat"
      interval = "5s"
      delay    = "0s"
      timeout  = "5m"
      done     = length([for r in try(response.rules, []) : r if r.type == self.type && r.translated_ip == self.translated_ip && lower(r.original_port) == lower(self.original_port)]) > 0
      result   = { id = max([for r in response.rules : r.id if r.type == self.type && r.translated_ip == self.translated_ip && lower(r.original_port) == lower(self.original_port)]...) }
    }
  }
  list {
    path       = "/vmware/networks/${self.network_id}/edge/nat"
    items      = try(response.rules, [])
    item_key   = tostring(item.id)
    key        = tostring(self.id)
    attributes = ["id", "type", "description", "protocol", "original_ip", "original_port", "translated_ip", "translated_port", "enabled"]
  }
  update "rule" {
    attributes = ["type", "description", "protocol", "original_ip", "original_port", "translated_ip", "translated_port", "enabled"]
    request "update" {
      use    = ["vmware_change", "vmware_edge_nat_rule"]
      method = "POST"
    }
  }
  delete {
    request "delete" {
      use    = "vmware_change"
      method = "DELETE"
      path   = "/vmware/networks/${self.network_id}/edge/nat/${self.id}"
    }
  }

  recover {
    match = item.type == self.type && item.translated_ip == self.translated_ip && lower(item.original_port) == lower(self.original_port)
  }
}

resource "serverspace_vmware_edge_vpn_tunnel" {
  description = "A tunnel from the edge of a routed network to another place."
  use         = "vmware_edge_part"

  attribute "name" {
    type      = string
    required  = true
    on_change = "replace"
  }
  attribute "enabled" {
    type    = bool
    default = true
  }
  attribute "mtu" {
    type     = number
    required = true
  }
  attribute "encryption_type" {
    type      = string
    required  = true
    normalize = replace(lower(value), "_", "")
    validate {
      condition = contains(["aes", "aes256", "aesgcm", "tripledes"], replace(lower(value), "_", ""))
      message   = "The encryption_type is aes, aes256, aesgcm or tripledes."
    }
  }
  attribute "diffie_hellman_group" {
    type      = string
    required  = true
    normalize = lower(value)
    validate {
      condition = contains(["dh2", "dh5", "dh14", "dh15", "dh16"], lower(value))
      message   = "The diffie_hellman_group is dh2, dh5, dh14, dh15 or dh16."
    }
  }
  attribute "perfect_forward_secrecy" {
    type    = bool
    default = true
  }
  attribute "shared_key" {
    type        = string
    required    = true
    write_only  = true
    description = "32 to 128 letters and digits, of both cases. It is never read back."
    validate {
      condition = can(regex("^[A-Za-z0-9]{32,128}$", value)) && can(regex("[a-z]", value)) && can(regex("[A-Z]", value)) && can(regex("[0-9]", value))
      message   = "The shared_key has 32 to 128 letters and digits, among them an upper-case and a lower-case letter and a digit."
    }
  }
  attribute "peer_network" {
    type     = string
    required = true
    from     = "peer_subnets.0"
  }
  attribute "peer_endpoint" {
    type     = string
    required = true
  }
  attribute "peer_identificator" {
    type     = string
    required = true
  }
  attribute "local_endpoint" {
    type     = string
    computed = true
  }

  create {
    request "create" {
      use = ["create", "vmware_edge_vpn_tunnel"]
    }
    wait "task" {
      use = "vmware_task"
    }
    # No answer tells its id: it is the newest of the name.
    wait "listed" {
      path     = "/vmware/networks/${self.network_id}/edge/vpn"
      interval = "5s"
      delay    = "0s"
      timeout  = "5m"
      done     = contains([for t in try(response.tunnels, []) : t.name], self.name)
      result   = { id = max([for t in response.tunnels : t.id if t.name == self.name]...) }
    }
  }
  list {
    path       = "/vmware/networks/${self.network_id}/edge/vpn"
    items      = try(response.tunnels, [])
    item_key   = tostring(item.id)
    key        = tostring(self.id)
    attributes = ["id", "name", "enabled", "mtu", "encryption_type", "diffie_hellman_group", "perfect_forward_secrecy", "peer_network", "peer_endpoint", "peer_identificator", "local_endpoint"]
  }
  update "tunnel" {
    attributes = ["enabled", "mtu", "encryption_type", "diffie_hellman_group", "perfect_forward_secrecy", "shared_key", "peer_network", "peer_endpoint", "peer_identificator"]
    request "update" {
      use    = ["vmware_change", "vmware_edge_vpn_tunnel"]
      method = "POST"
    }
  }
  delete {
    request "delete" {
      use    = "vmware_change"
      method = "DELETE"
      path   = "/vmware/networks/${self.network_id}/edge/vpn/${self.id}"
    }
  }

  recover {
    match = item.name == self.name && item.peer_endpoint == self.peer_endpoint
  }
}
