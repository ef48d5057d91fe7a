# The VMware Cloud section: networks.

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
