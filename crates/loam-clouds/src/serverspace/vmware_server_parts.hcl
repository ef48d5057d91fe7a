# The VMware Cloud section: what belongs to a server.

template "vmware_change" {
  use = "change"
}

resource "serverspace_vmware_server_volume" {
  description = "A further volume of a server of the VMware section."
  exclusive   = try("vmware server ${self.server_id}", null)

  attribute "id" {
    use = "vmware_id"
  }
  attribute "server_id" {
    use = "vmware_server_id"
  }
  attribute "name" {
    type     = string
    required = true
  }
  attribute "disk_type" {
    type        = string
    required    = true
    on_change   = "replace"
    description = "See disk_types of the data source serverspace_vmware_locations."
  }
  attribute "size_mb" {
    type        = number
    required    = true
    description = "It can only grow."
    validate {
      condition = value >= 1 && floor(value) == value
      message   = "The size is a number of MB, such as 20480."
    }
  }
  change {
    condition = prior.size_mb == null || self.size_mb >= prior.size_mb
    message   = "A volume can only grow: size_mb has to be at least what it is."
  }

  create {
    request "create" {
      use  = "create"
      path = "/vmware/servers/${self.server_id}/volumes"
      body = { name = self.name, size_mb = self.size_mb, disk_type = self.disk_type }
    }
    wait "task" {
      use    = "vmware_task"
      result = { id = one([for r in response.task.resources : r.id if r.type == "volume"]) }
    }
  }
  list {
    path       = "/vmware/servers/${self.server_id}/volumes"
    items      = try(response.volumes, [])
    item_key   = tostring(item.id)
    key        = tostring(self.id)
    attributes = ["id", "name", "disk_type", "size_mb"]
  }
  update "volume" {
    attributes = ["name", "size_mb"]
    request "update" {
      use  = "vmware_change"
      path = "/vmware/servers/${self.server_id}/volumes/${self.id}"
      body = { name = self.name, size_mb = self.size_mb }
    }
  }
  delete {
    request "delete" {
      use    = "vmware_change"
      method = "DELETE"
      path   = "/vmware/servers/${self.server_id}/volumes/${self.id}"
    }
  }

  import "<server_id>/<id>" {}
  import "<server_id>:<id>" {}

  recover {
    match = item.name == self.name && item.disk_type == self.disk_type
  }
}

# What all interfaces of a server have in common.
template "vmware_interface" {
  exclusive = try("vmware server ${self.server_id}", null)

  attribute "id" {
    use = "vmware_id"
  }
  attribute "server_id" {
    use = "vmware_server_id"
  }
  attribute "mac" {
    type     = string
    computed = true
  }

  delete {
    request "delete" {
      use    = "vmware_change"
      method = "DELETE"
      path   = "/vmware/servers/${self.server_id}/nics/${self.id}"
    }
  }

  import "<server_id>/<id>" {}
  import "<server_id>:<id>" {}
}

template "vmware_interfaces" {
  path     = "/vmware/servers"
  items    = flatten([for s in try(response.servers[*], []) : [for n in try(s.nics[*], []) : merge(n, { server_id = s.id })] if s.state != "deleting"])
  item_key = "${item.server_id}/${item.id}"
  key      = "${self.server_id}/${self.id}"
}

template "vmware_interface_made" {
  use    = "vmware_task"
  result = { id = one([for r in response.task.resources : r.id if r.type == "nic"]) }
}

resource "serverspace_vmware_server_public_interface" {
  description = "An interface of a server of the VMware section in the public network that all share."
  use         = "vmware_interface"

  attribute "bandwidth_mbps" {
    use      = "vmware_bandwidth"
    required = true
  }
  attribute "is_ipv6" {
    type      = bool
    default   = false
    on_change = "replace"
    from      = "ip"
    decode    = strcontains(value, ":")
  }
  attribute "network_id" {
    type     = number
    computed = true
  }
  attribute "ip" {
    type     = string
    computed = true
  }

  create {
    request "create" {
      use  = "create"
      path = "/vmware/servers/${self.server_id}/nics/shared"
      body = { is_ipv6 = self.is_ipv6, bandwidth_mbps = self.bandwidth_mbps }
    }
    wait "task" {
      use = "vmware_interface_made"
    }
  }
  list {
    use        = "vmware_interfaces"
    attributes = ["id", "bandwidth_mbps", "is_ipv6", "network_id", "ip", "mac"]
  }
  update "bandwidth" {
    attributes = ["bandwidth_mbps"]
    request "update" {
      use  = "vmware_change"
      path = "/vmware/servers/${self.server_id}/nics/${self.id}"
      body = { network_id = self.network_id, bandwidth_mbps = self.bandwidth_mbps }
    }
  }

  recover {
    match = item.server_id == self.server_id && !item.is_primary && try(item.bandwidth_mbps, 0) == self.bandwidth_mbps && strcontains(item.ip, ":") == self.is_ipv6
  }
}

resource "serverspace_vmware_server_network_attachment" {
  description = "An interface of a server of the VMware section in a network of the project."
  use         = "vmware_interface"

  attribute "network_id" {
    type      = number
    required  = true
    on_change = "replace"
  }
  attribute "ip" {
    type      = string
    optional  = true
    computed  = true
    on_change = "replace"
  }

  create {
    request "create" {
      use  = "create"
      path = "/vmware/servers/${self.server_id}/nics"
      body = { network_id = self.network_id, ip = self.ip }
    }
    wait "task" {
      use = "vmware_interface_made"
    }
  }
  list {
    use        = "vmware_interfaces"
    attributes = ["id", "network_id", "ip", "mac"]
  }

  recover {
    match = item.server_id == self.server_id && item.network_id == self.network_id
  }
}

resource "serverspace_vmware_server_snapshot" {
  description = "The snapshot of a server of the VMware section, which has one at most."
  identity    = ["server_id"]
  exclusive   = try("vmware server ${self.server_id}", null)

  attribute "id" {
    type     = string
    computed = true
    value    = tostring(self.server_id)
  }
  attribute "server_id" {
    use = "vmware_server_id"
  }
  attribute "name" {
    type      = string
    required  = true
    on_change = "replace"
  }
  attribute "created" {
    type     = string
    computed = true
  }

  create {
    request "create" {
      use  = "create"
      path = "/vmware/servers/${self.server_id}/snapshot"
      body = { name = self.name }
    }
    wait "task" {
      use = "vmware_task"
    }
  }
  read {
    request "snapshot" {
      path   = "/vmware/servers/${self.server_id}/snapshot"
      object = try(response.snapshot, null)
    }
  }
  # None is an empty object.
  gone_when = try(response.snapshot, null) == null

  delete {
    request "delete" {
      use    = "vmware_change"
      method = "DELETE"
      path   = "/vmware/servers/${self.server_id}/snapshot"
    }
  }

  import "<server_id>" {}

  # A server has one at most: the one that is there is it, if it is new and has the name.
  recover {
    confirm = response.name == self.name
    created = item.created
  }
}

resource "serverspace_vmware_server_firewall" {
  description = "All firewall rules of a server of the VMware section."
  identity    = ["server_id"]
  exclusive   = try("vmware server ${self.server_id}", null)

  attribute "id" {
    type     = string
    computed = true
    value    = tostring(self.server_id)
  }
  attribute "server_id" {
    use = "vmware_server_id"
  }
  block "rule" {
    use = "vmware_rule"
    attribute "traffic_direction" {
      type      = string
      required  = true
      normalize = lower(value)
      validate {
        condition = contains(["incoming", "outgoing"], lower(value))
        message   = "The traffic_direction is Incoming or Outgoing."
      }
    }
    attribute "action" {
      type      = string
      required  = true
      normalize = lower(value)
      validate {
        condition = contains(["allow", "deny"], lower(value))
        message   = "The action is Allow or Deny."
      }
    }
  }
  validate {
    condition = length(distinct([for r in config.rule : r.name])) == length(config.rule)
    message   = "Every rule needs a name of its own."
  }

  create {
    request "create" {
      method = "PUT"
      path   = "/vmware/servers/${self.server_id}/firewall"
      body   = { rules = self.rule }
    }
  }
  read {
    request "rules" {
      path   = "/vmware/servers/${self.server_id}/firewall"
      object = response
    }
  }
  update "rules" {
    attributes = ["rule"]
    request "update" {
      method = "PUT"
      path   = "/vmware/servers/${self.server_id}/firewall"
      body   = { rules = self.rule }
    }
  }
  delete {
    request "delete" {
      method = "PUT"
      path   = "/vmware/servers/${self.server_id}/firewall"
      body   = { rules = [] }
    }
  }

  import "<server_id>" {}
}
