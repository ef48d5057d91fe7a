# The VMware Cloud section: networks, and the edges of those that are routed.

resource "serverspace_vmware_network" {
  description = "A network of the VMware section."
  exclusive   = try("vmware network ${self.id}", null)

  attribute "id" {
    use = "vmware_id"
  }
  attribute "type" {
    type        = string
    required    = true
    on_change   = "replace"
    decode      = lookup({ private_client = "isolated", routed_client = "routed", public_client = "public" }, value, value)
    description = "isolated, routed (behind an edge) or public."
    validate {
      condition = contains(["isolated", "routed", "public"], value)
      message   = "The type is isolated, routed or public."
    }
  }
  attribute "location_id" {
    type      = number
    required  = true
    on_change = "replace"
  }
  attribute "name" {
    type     = string
    required = true
    validate {
      condition = trimspace(value) != ""
      message   = "The network needs a name."
    }
  }
  attribute "address" {
    type        = string
    optional    = true
    computed    = true
    on_change   = "replace"
    description = "First address of an isolated or routed network."
    validate {
      condition = can(cidrhost("${value}/32", 0)) && !strcontains(value, ":")
      message   = "The address has the form 10.0.0.0; the length of the prefix is the argument mask."
    }
  }
  attribute "mask" {
    type      = number
    optional  = true
    computed  = true
    on_change = "replace"
  }
  attribute "enable_dhcp" {
    type      = bool
    optional  = true
    computed  = true
    on_change = "replace"
    from      = "is_dhcp"
  }
  attribute "capacity" {
    type        = string
    optional    = true
    on_change   = "replace"
    from        = ""
    decode      = response.type == "public_client" ? "Network${response.mask}" : null
    normalize   = lookup({ 1 = "Network24", 2 = "Network29", 3 = "Network25", 4 = "Network26", 5 = "Network27", 6 = "Network28" }, value, value)
    description = "Size of a public network: Network24 to Network29."
    validate {
      condition = contains(["Network24", "Network25", "Network26", "Network27", "Network28", "Network29", "1", "2", "3", "4", "5", "6"], value)
      message   = "The capacity is Network24, Network25, Network26, Network27, Network28 or Network29."
    }
  }
  attribute "bandwidth_mbps" {
    use      = "vmware_bandwidth"
    optional = true
    computed = true
  }
  attribute "gateway" {
    type     = string
    computed = true
  }
  attribute "edge_external_ip" {
    type     = string
    computed = true
  }
  attribute "state" {
    type     = string
    computed = true
    volatile = true
  }
  validate {
    condition = !contains(["isolated", "routed"], config.type) || config.address != null
    message   = "Isolated and routed networks need an address."
  }
  validate {
    condition = !contains(["isolated", "routed"], config.type) || config.capacity == null
    message   = "Only public networks have a capacity."
  }
  validate {
    condition = config.type != "public" || (config.capacity != null && config.address == null && config.mask == null && config.enable_dhcp == null)
    message   = "A public network has a capacity, and neither address nor mask nor enable_dhcp."
  }
  validate {
    condition = config.type != "isolated" || config.bandwidth_mbps == null
    message   = "An isolated network has no bandwidth_mbps."
  }
  validate {
    condition = config.address == null || try(cidrhost("${config.address}/${coalesce(config.mask, 24)}", 0) == config.address, true)
    message   = "The address has to be the first one of its network: 10.9.0.0 with mask 24, not 10.9.0.1."
  }

  timeouts {
    create = "40m"
    update = "40m"
    delete = "40m"
  }

  create {
    request "create" {
      use  = "create"
      path = "/vmware/networks/${self.type}"
      body = {
        location_id    = self.location_id
        name           = self.name
        address        = self.address
        mask           = self.mask
        enable_dhcp    = self.enable_dhcp
        capacity       = self.capacity
        bandwidth_mbps = self.bandwidth_mbps
      }
      result = { id = try(response.network_id, response.network.id) }
    }
    wait "task" {
      use    = "vmware_task"
      result = { id = one([for r in response.task.resources : r.id if r.type == "network"]) }
    }
    wait "active" {
      path         = "/vmware/networks/${self.id}"
      interval     = "5s"
      delay        = "0s"
      timeout      = "40m"
      tolerate     = ["404"]
      tolerate_for = "1m"
      object       = response.network
      done         = response.network.state != "creating"
      progress     = response.network.state
    }
  }
  read {
    request "details" {
      path   = "/vmware/networks/${self.id}"
      object = response.network
    }
  }
  list {
    path       = "/vmware/networks"
    items      = try(response.networks, [])
    item_key   = tostring(item.id)
    key        = tostring(self.id)
    attributes = ["id", "type", "location_id", "name", "address", "mask", "enable_dhcp", "capacity", "bandwidth_mbps", "gateway", "edge_external_ip", "state"]
  }
  # Without a task for an isolated network.
  update "network" {
    attributes = ["name", "bandwidth_mbps"]
    request "update" {
      use  = "vmware_change"
      path = "/vmware/networks/${self.id}"
      body = { name = self.name, bandwidth_mbps = self.type == "isolated" ? null : self.bandwidth_mbps }
    }
  }
  delete {
    request "delete" {
      use    = "vmware_change"
      method = "DELETE"
      path   = "/vmware/networks/${self.id}"
    }
  }

  import "<id>" {}

  recover {
    match = item.name == self.name && item.location_id == self.location_id && item.type == lookup({ isolated = "private_client", routed = "routed_client", public = "public_client" }, self.type, "")
  }
}

template "vmware_network_id" {
  type        = number
  required    = true
  on_change   = "replace"
  from        = []
  description = "A routed network."
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
    nesting   = "list"
    from      = "rules"
    normalize = [for r in value : { for k, v in r : k => v == null ? "any" : k == "name" ? v : lower(v) }]
    attribute "name" {
      type     = string
      required = true
    }
    attribute "action" {
      type      = string
      required  = true
      normalize = lower(value)
      validate {
        condition = contains(["allow", "deny"], lower(value))
        message   = "The action is allow or deny."
      }
    }
    attribute "protocol" {
      type      = string
      required  = true
      normalize = lower(value)
    }
    attribute "source" {
      use = "vmware_text_any"
    }
    attribute "source_port" {
      use = "vmware_text_any"
    }
    attribute "destination" {
      use = "vmware_text_any"
    }
    attribute "destination_port" {
      use = "vmware_text_any"
    }
  }

  create {
    request "create" {
      use  = "vmware_change"
      path = "/vmware/networks/${self.network_id}/edge/firewall"
      body = { enabled = self.enabled, default_action = self.default_action, rules = self.rule }
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
      use  = "vmware_change"
      path = "/vmware/networks/${self.network_id}/edge/firewall"
      body = { enabled = self.enabled, default_action = self.default_action, rules = self.rule }
    }
  }
  delete {
    request "delete" {
      use  = "vmware_change"
      path = "/vmware/networks/${self.network_id}/edge/firewall"
      body = { enabled = true, default_action = "deny", rules = [] }
    }
  }

  import "<network_id>" {}
}

resource "serverspace_vmware_edge_nat_rule" {
  description = "A rule of address translation of the edge of a routed network."
  exclusive   = try("vmware network ${self.network_id}", null)

  attribute "id" {
    use = "vmware_id"
  }
  attribute "network_id" {
    use = "vmware_network_id"
  }
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
      use  = "create"
      path = "/vmware/networks/${self.network_id}/edge/nat"
      body = {
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
      use    = "vmware_change"
      method = "POST"
      path   = "/vmware/networks/${self.network_id}/edge/nat"
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
  }
  delete {
    request "delete" {
      use    = "vmware_change"
      method = "DELETE"
      path   = "/vmware/networks/${self.network_id}/edge/nat/${self.id}"
    }
  }

  import "<network_id>/<id>" {}
  import "<network_id>:<id>" {}

  recover {
    match = item.type == self.type && item.translated_ip == self.translated_ip && lower(item.original_port) == lower(self.original_port)
  }
}

resource "serverspace_vmware_edge_vpn_tunnel" {
  description = "A tunnel from the edge of a routed network to another place."
  exclusive   = try("vmware network ${self.network_id}", null)

  attribute "id" {
    use = "vmware_id"
  }
  attribute "network_id" {
    use = "vmware_network_id"
  }
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
      use = "create"
      path = "/vmware/networks/${self.network_id}/edge/vpn"
      body = {
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
      use    = "vmware_change"
      method = "POST"
      path   = "/vmware/networks/${self.network_id}/edge/vpn"
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
  }
  delete {
    request "delete" {
      use    = "vmware_change"
      method = "DELETE"
      path   = "/vmware/networks/${self.network_id}/edge/vpn/${self.id}"
    }
  }

  import "<network_id>/<id>" {}
  import "<network_id>:<id>" {}

  recover {
    match = item.name == self.name && item.peer_endpoint == self.peer_endpoint
  }
}
