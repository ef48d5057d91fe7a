# What belongs to a server and is a resource of its own: volumes, interfaces and snapshots.

# A part of a server, named by both. Changes of one server are made one after the other.
template "server_part" {
  exclusive = self.server_id
  attribute "id" {
    type     = string
    computed = true
  }
  attribute "server_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
  }
  import "<server_id>/<id>" {}
  import "<server_id>:<id>" {}
}

template "server_of_part" {
  use  = "server"
  path = "/servers/${self.server_id}"
}

# Interfaces are read by the list of servers.
template "interfaces" {
  path     = "/servers"
  items    = flatten([for s in try(response.servers[*], []) : [for n in try(s.nics[*], []) : merge(n, { server_id = s.id })]])
  item_key = "${item.server_id}/${item.id}"
  key      = "${self.server_id}/${self.id}"
}

template "interface" {
  path   = "/servers/${self.server_id}/nics/${self.id}"
  object = response.nic
}

template "interface_made" {
  use = "created"
  result = {
    id = try(response.task.nic_id, one([for r in response.task.resources : r.id if r.type == "nic"]))
  }
}

resource "serverspace_server_volume" {
  use         = "server_part"
  description = "A further volume of a server whose manage_volumes is false."

  attribute "name" {
    type     = string
    required = true
    validate {
      condition = value != "boot" && value != ""
      message   = "A further volume needs a name, and \"boot\" is the boot volume's."
    }
  }
  attribute "size" {
    type        = number
    required    = true
    from        = "size_mb"
    description = "MB, a multiple of 10240; it can only grow."
    validate {
      condition = value >= 10240 && value % 10240 == 0
      message   = "The size of a volume is a multiple of 10240 MB."
    }
  }
  attribute "created" {
    type     = string
    computed = true
  }
  change {
    condition = prior.size == null || self.size >= prior.size
    message   = "A volume can only grow: the size has to be at least what it is."
  }

  timeouts {
    create = "30m"
    update = "30m"
    delete = "30m"
  }

  create {
    request "create" {
      use  = "create"
      path = "/servers/${self.server_id}/volumes"
      body = { name = self.name, size_mb = self.size }
    }
    wait "task" {
      use = "created"
      result = {
        id = try(response.task.volume_id, one([for r in response.task.resources : r.id if r.type == "volume"]))
      }
    }
    wait "active" {
      use = "server_of_part"
    }
  }

  read {
    request "details" {
      path   = "/servers/${self.server_id}/volumes/${self.id}"
      object = response.volume
    }
  }

  list {
    path       = "/servers"
    items      = flatten([for s in try(response.servers[*], []) : [for v in try(s.volumes[*], []) : merge(v, { server_id = s.id })]])
    item_key   = "${item.server_id}/${item.id}"
    key        = "${self.server_id}/${self.id}"
    attributes = ["id", "name", "size", "created"]
  }

  update "volume" {
    attributes = ["name", "size"]
    request "update" {
      use  = "change"
      path = "/servers/${self.server_id}/volumes/${self.id}"
      body = { name = self.name, size_mb = self.size }
      wait "active" {
        use = "server_of_part"
      }
    }
  }

  delete {
    request "delete" {
      use  = "removal"
      path = "/servers/${self.server_id}/volumes/${self.id}"
      wait "active" {
        use      = "server_of_part"
        tolerate = ["404"]
      }
    }
  }

  recover {
    match   = item.server_id == self.server_id && item.name == self.name
    created = item.created
  }
}

resource "serverspace_server_public_interface" {
  use         = "server_part"
  description = "A public network interface of a server whose manage_nics is false."

  attribute "bandwidth_mbps" {
    type        = number
    required    = true
    description = "Mbit/s, a multiple of 10 within the location's limits."
    validate {
      condition = value >= 10 && value % 10 == 0
      message   = "The bandwidth is a multiple of 10 Mbit/s, at least 10."
    }
  }
  attribute "ip_address" {
    type     = string
    computed = true
  }
  attribute "mac" {
    type     = string
    computed = true
  }
  attribute "mask" {
    type     = number
    computed = true
  }
  attribute "gateway" {
    type     = string
    computed = true
  }

  timeouts {
    create = "30m"
    update = "30m"
    delete = "30m"
  }

  create {
    request "create" {
      use  = "create"
      path = "/servers/${self.server_id}/nics"
      body = { bandwidth_mbps = self.bandwidth_mbps }
    }
    wait "task" {
      use = "interface_made"
    }
    wait "active" {
      use = "server_of_part"
    }
  }

  read {
    request "details" {
      use = "interface"
    }
  }

  list {
    use        = "interfaces"
    attributes = ["id", "bandwidth_mbps", "ip_address", "mac", "mask", "gateway"]
  }

  update "bandwidth" {
    attributes = ["bandwidth_mbps"]
    request "update" {
      use  = "change"
      path = "/servers/${self.server_id}/nics/${self.id}"
      body = { bandwidth_mbps = self.bandwidth_mbps }
      wait "active" {
        use = "server_of_part"
      }
    }
  }

  # An interface that is gone already is answered with 500; it is looked for then.
  delete {
    request "delete" {
      use  = "removal"
      path = "/servers/${self.server_id}/nics/${self.id}"
      wait "active" {
        use      = "server_of_part"
        tolerate = ["404"]
      }
    }
  }

  recover {
    match = item.server_id == self.server_id && item.network_type == "PublicShared" && item.bandwidth_mbps == self.bandwidth_mbps
  }
}

resource "serverspace_server_network_attachment" {
  use         = "server_part"
  description = "An interface of a server in an isolated network; the server's manage_nics is false."

  attribute "network_id" {
    type      = string
    required  = true
    on_change = "replace"
  }
  attribute "ip_address" {
    type        = string
    optional    = true
    computed    = true
    on_change   = "replace"
    description = "An address of the network; if not set, a free one."
    validate {
      condition = can(cidrhost("${value}/32", 0)) && !strcontains(value, ":")
      message   = "The address has the form 10.0.0.11."
    }
  }
  attribute "mac" {
    type     = string
    computed = true
  }
  attribute "mask" {
    type     = number
    computed = true
  }

  timeouts {
    create = "30m"
    delete = "30m"
  }

  create {
    request "create" {
      use  = "create"
      path = "/servers/${self.server_id}/nics"
      body = { network_id = self.network_id, ip_address = self.ip_address }
    }
    wait "task" {
      use = "interface_made"
    }
    wait "active" {
      use = "server_of_part"
    }
  }

  read {
    request "details" {
      use = "interface"
    }
  }

  list {
    use        = "interfaces"
    attributes = ["id", "network_id", "ip_address", "mac", "mask"]
  }

  delete {
    request "delete" {
      use  = "removal"
      path = "/servers/${self.server_id}/nics/${self.id}"
      wait "active" {
        use      = "server_of_part"
        tolerate = ["404"]
      }
    }
  }

  recover {
    match = item.server_id == self.server_id && item.network_id == self.network_id
  }
}

resource "serverspace_snapshot" {
  use         = "server_part"
  description = "A snapshot of a server. It cannot be changed; its server's interfaces cannot be changed while it exists."

  attribute "name" {
    type      = string
    required  = true
    on_change = "replace"
    validate {
      condition = length(value) >= 1 && length(value) <= 25
      message   = "The name has 1 to 25 characters."
    }
  }
  attribute "size_mb" {
    type     = number
    computed = true
    volatile = true
  }
  attribute "created" {
    type     = string
    computed = true
  }

  timeouts {
    create = "30m"
    delete = "30m"
  }

  create {
    request "create" {
      use  = "create"
      path = "/servers/${self.server_id}/snapshots"
      body = { name = self.name }
    }
    wait "task" {
      use = "created"
      result = {
        id = try(response.task.snapshot_id, one([for r in response.task.resources : r.id if r.type == "snapshot"]))
      }
    }
    # The task may not tell which snapshot it made: the newest of the name is it.
    wait "listed" {
      when     = self.id == null
      path     = "/servers/${self.server_id}/snapshots"
      interval = "5s"
      delay    = "0s"
      timeout  = "5m"
      done     = length([for s in try(response.snapshots, []) : s if s.name == self.name]) > 0
      result   = { id = max([for s in response.snapshots : s.id if s.name == self.name]...) }
    }
    wait "active" {
      use = "server_of_part"
    }
  }

  list {
    path       = "/servers/${self.server_id}/snapshots"
    items      = try(response.snapshots, [])
    item_key   = tostring(item.id)
    key        = self.id
    attributes = ["id", "name", "size_mb", "created"]
  }

  delete {
    request "delete" {
      use  = "removal"
      path = "/servers/${self.server_id}/snapshots/${self.id}"
      wait "active" {
        use      = "server_of_part"
        tolerate = ["404"]
      }
    }
  }

  recover {
    match   = item.name == self.name
    created = item.created
  }
}
