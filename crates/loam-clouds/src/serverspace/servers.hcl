# Servers, with their volumes and network interfaces.

template "server_change" {
  use = "change"
  wait "active" {
    use  = "server"
    path = "/servers/${self.id}"
  }
}

template "server_removal" {
  use = "removal"
  wait "active" {
    use  = "server"
    path = "/servers/${self.id}"
  }
}

resource "serverspace_server" {
  description = "A virtual server with its volumes and network interfaces."
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
      message   = "The server needs a name."
    }
  }
  attribute "image" {
    type        = string
    required    = true
    on_change   = "replace"
    from        = "image_id"
    description = "The image, see the data source serverspace_images."
  }
  attribute "location" {
    type        = string
    required    = true
    on_change   = "replace"
    from        = "location_id"
    description = "The location, see the data source serverspace_locations."
  }
  attribute "cpu" {
    type        = number
    required    = true
    description = "Processors: one of the location's cpu_quantity_options."
    validate {
      condition = value >= 1 && floor(value) == value
      message   = "A server needs at least one CPU."
    }
  }
  attribute "ram" {
    type        = number
    required    = true
    from        = "ram_mb"
    description = "Memory in MB: one of the location's ram_size_options."
    validate {
      condition = value >= 1 && floor(value) == value
      message   = "The memory is a number of MB, such as 1024."
    }
  }
  attribute "boot_volume_size" {
    type        = number
    required    = true
    from        = "volumes"
    decode      = one([for v in value : v.size_mb if v.name == "boot"])
    description = "Size of the boot volume in MB, a multiple of 10240; it can only grow."
    validate {
      # 25600 is what the locations name as their least.
      condition = value > 0 && (value % 10240 == 0 || value == 25600)
      message   = "The size of a volume is a multiple of 10240 MB (a boot volume may also have 25600)."
    }
  }
  attribute "boot_volume_id" {
    type     = number
    computed = true
    from     = "volumes"
    decode   = one([for v in value : v.id if v.name == "boot"])
  }
  attribute "manage_volumes" {
    type        = bool
    optional    = true
    on_change   = "remember"
    from        = []
    description = "false: further volumes are resources of their own (serverspace_server_volume) and not this one's business."
  }
  block "volume" {
    nesting     = "list"
    max         = 9
    description = "A further volume. Volumes are told apart by their names."
    from        = "volumes"
    # The API lists volumes in any order: those that are known keep their places.
    decode = [for v in concat(
      flatten([for w in try(self.volume[*], []) : [for v in value : { id = v.id, name = v.name, size = v.size_mb } if v.name == w.name && v.name != "boot"]]),
      [for v in value : { id = v.id, name = v.name, size = v.size_mb } if v.name != "boot" && !contains([for w in try(self.volume[*], []) : w.name], v.name)]
    ) : v if try(self.manage_volumes, null) != false]
    attribute "id" {
      type     = number
      optional = true
      computed = true
    }
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
      description = "MB, a multiple of 10240; it can only grow."
      validate {
        condition = value >= 10240 && value % 10240 == 0
        message   = "The size of a volume is a multiple of 10240 MB."
      }
    }
  }
  attribute "manage_nics" {
    type        = bool
    optional    = true
    on_change   = "remember"
    from        = []
    description = "false: network interfaces are resources of their own (serverspace_server_public_interface, serverspace_server_network_attachment) and not this one's business."
  }
  block "nic" {
    nesting     = "set"
    max         = 5
    description = "A network interface."
    from        = "nics"
    decode = [for n in value : {
      id           = n.id
      network      = n.network_type == "PublicShared" ? "" : n.network_id
      network_type = n.network_type
      bandwidth    = try(coalesce(n.bandwidth_mbps, 0), 0)
      ip_address   = try(n.ip_address, null)
    } if try(self.manage_nics, null) != false]
    attribute "id" {
      type     = number
      computed = true
    }
    attribute "network" {
      type        = string
      required    = true
      description = "The isolated network's id; \"\" for a public interface."
    }
    attribute "network_type" {
      type     = string
      required = true
      validate {
        condition = contains(["PublicShared", "Isolated"], value)
        message   = "The network_type is \"PublicShared\" or \"Isolated\"."
      }
    }
    attribute "bandwidth" {
      type        = number
      required    = true
      description = "Mbit/s of a public interface, a multiple of 10 within the location's limits; 0 for an isolated one."
      validate {
        condition = value >= 0 && value <= 1024 && value % 10 == 0
        message   = "The bandwidth is a multiple of 10 from 0 to 1020."
      }
    }
    attribute "ip_address" {
      type     = string
      computed = true
    }
  }
  attribute "public_ip_addresses" {
    type         = list(string)
    computed     = true
    from         = ""
    decode       = sort([for n in try(response.nics[*], []) : n.ip_address if n.network_type == "PublicShared" && try(n.ip_address, null) != null])
    changes_with = ["nic"]
  }
  attribute "ssh_keys" {
    type      = list(number)
    optional  = true
    computed  = true
    on_change = "replace"
    from      = "ssh_key_ids"
    keep      = true
    normalize = sort([for k in value : tostring(k)])
  }
  attribute "applications_ids" {
    type        = set(string)
    optional    = true
    computed    = true
    on_change   = "replace"
    from        = ""
    decode      = try(compact(response.application_ids), [])
    description = "Applications to install, see the data source serverspace_applications."
  }
  block "application" {
    nesting     = "list"
    on_change   = "replace"
    from        = []
    description = "An application to install, with its parameters. Cannot be read."
    attribute "id" {
      type     = string
      required = true
    }
    attribute "parameters" {
      type      = map(string)
      optional  = true
      sensitive = true
    }
    attribute "issue_llm_key" {
      type     = bool
      optional = true
    }
  }
  attribute "init_script" {
    type        = string
    optional    = true
    on_change   = "replace"
    from        = []
    description = "A shell script that runs once, at the first start. Cannot be read."
  }
  attribute "affinity_group_id" {
    type        = string
    optional    = true
    on_change   = "replace"
    decode      = value == "" ? null : value
    description = "The group that it belongs to for life."
  }
  attribute "tags" {
    use = "tags"
  }
  attribute "login" {
    type     = string
    computed = true
    keep     = true
  }
  attribute "password" {
    type      = string
    computed  = true
    sensitive = true
    keep      = true
  }
  attribute "is_power_on" {
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
    condition = length(distinct([for v in config.volume : v.name])) == length(config.volume)
    message   = "Every volume needs a name of its own."
  }
  validate {
    condition = alltrue([for n in config.nic : n.network_type != "PublicShared" || (n.bandwidth > 0 && n.network == "")])
    message   = "A nic with network_type \"PublicShared\" has network = \"\" and a bandwidth above 0."
  }
  validate {
    condition = alltrue([for n in config.nic : n.network_type != "Isolated" || (n.bandwidth == 0 && n.network != "")])
    message   = "A nic with network_type \"Isolated\" has the id of its network and bandwidth = 0."
  }
  validate {
    condition = !startswith(config.image, "Windows") || config.ssh_keys == null || try(length(config.ssh_keys), 0) == 0
    message   = "Windows images take no ssh_keys."
  }
  validate {
    condition = length(config.application) == 0 || config.applications_ids == null
    message   = "Applications are named either in applications_ids or in application blocks."
  }
  validate {
    condition = config.manage_volumes != false || length(config.volume) == 0
    message   = "With manage_volumes = false there are no volume blocks."
  }
  validate {
    condition = config.manage_nics != false || length(config.nic) == 0
    message   = "With manage_nics = false there are no nic blocks."
  }
  change {
    condition = prior.boot_volume_size == null || self.boot_volume_size >= prior.boot_volume_size
    message   = "A volume can only grow: boot_volume_size has to be at least what it is."
  }
  change {
    condition = alltrue(flatten([for w in self.volume : [for v in prior.volume : w.size >= v.size if v.name == w.name]]))
    message   = "A volume can only grow: the size of a volume block has to be at least what it is. A smaller one needs another name."
  }

  timeouts {
    create = "30m"
    update = "30m"
    delete = "20m"
  }

  create {
    request "create" {
      use  = "create"
      path = "/servers"
      body = {
        name        = self.name
        location_id = self.location
        image_id    = self.image
        cpu         = self.cpu
        ram_mb      = self.ram
        volumes     = concat([{ name = "boot", size_mb = self.boot_volume_size }], [for v in self.volume : { name = v.name, size_mb = v.size }])
        networks = [for n in self.nic : {
          bandwidth_mbps = n.network_type == "PublicShared" ? n.bandwidth : null
          network_id     = n.network_type == "PublicShared" ? null : n.network
        }]
        ssh_key_ids        = self.ssh_keys
        application_ids    = self.applications_ids
        applications       = length(self.application) == 0 ? null : self.application
        server_init_script = self.init_script
        affinity_group_id  = self.affinity_group_id
        tags               = self.tags
      }
    }
    # The task names the server at its first answer; from then on the list tells.
    wait "task" {
      use          = "created"
      usually      = "90s"
      list_pending = contains(["New", "Busy"], item.state)
      result = {
        id = try(response.task.server_id, one([for r in response.task.resources : r.id if r.type == "server"]))
      }
    }
    wait "active" {
      use          = "server"
      path         = "/servers/${self.id}"
      timeout      = "30m"
      list_pending = contains(["New", "Busy"], item.state)
      tolerate     = ["404"]
      tolerate_for = "1m"
      object       = response.server
    }
  }

  read {
    request "details" {
      path   = "/servers/${self.id}"
      object = response.server
    }
  }

  list {
    path       = "/servers"
    items      = try(response.servers, [])
    item_key   = item.id
    key        = self.id
    attributes = ["id", "name", "image", "location", "cpu", "ram", "boot_volume_size", "boot_volume_id", "volume", "nic", "public_ip_addresses", "ssh_keys", "applications_ids", "affinity_group_id", "tags", "login", "password", "is_power_on", "state", "created"]
  }

  update "name" {
    attributes = ["name"]
    request "rename" {
      use  = "server_change"
      path = "/servers/${self.id}/name"
      body = { name = self.name }
    }
  }
  update "size" {
    attributes = ["cpu", "ram"]
    request "resize" {
      use  = "server_change"
      path = "/servers/${self.id}"
      body = { cpu = self.cpu, ram_mb = self.ram }
    }
  }
  update "volumes" {
    attributes = ["volume"]
    when       = self.manage_volumes != false
    request "delete" {
      use      = "server_removal"
      for_each = [for v in prior.volume : v.id if !contains([for w in self.volume : w.name], v.name)]
      path     = "/servers/${self.id}/volumes/${each.value}"
      accept   = ["404"]
    }
    request "resize" {
      use      = "server_change"
      for_each = flatten([for w in self.volume : [for v in prior.volume : { id = v.id, name = w.name, size = w.size } if v.name == w.name && v.size != w.size]])
      path     = "/servers/${self.id}/volumes/${each.value.id}"
      body     = { name = each.value.name, size_mb = each.value.size }
    }
    request "create" {
      use      = "server_change"
      for_each = [for w in self.volume : w if !contains([for v in prior.volume : v.name], w.name)]
      method   = "POST"
      path     = "/servers/${self.id}/volumes"
      body     = { name = each.value.name, size_mb = each.value.size }
    }
  }
  update "boot_volume" {
    attributes = ["boot_volume_size"]
    request "resize" {
      use  = "server_change"
      path = "/servers/${self.id}/volumes/${self.boot_volume_id}"
      body = { name = "boot", size_mb = self.boot_volume_size }
    }
  }
  update "nics" {
    attributes = ["nic"]
    when       = self.manage_nics != false
    request "snapshots" {
      method = "GET"
      path   = "/servers/${self.id}/snapshots"
      expect {
        condition = length(try(response.snapshots[*], [])) == 0
        message   = "The network interfaces of a server cannot be changed while it has snapshots: delete them first."
      }
    }
    # A single public interface changes its bandwidth in place; others are replaced.
    request "bandwidth" {
      use      = "server_change"
      for_each = length([for n in prior.nic : n if n.network_type == "PublicShared"]) == 1 && length([for n in self.nic : n if n.network_type == "PublicShared"]) == 1 ? flatten([for n in prior.nic : [for m in self.nic : { id = n.id, bandwidth = m.bandwidth } if m.network_type == "PublicShared" && m.bandwidth != n.bandwidth] if n.network_type == "PublicShared"]) : []
      path     = "/servers/${self.id}/nics/${each.value.id}"
      body     = { bandwidth_mbps = each.value.bandwidth }
    }
    request "delete" {
      use      = "server_removal"
      for_each = [for n in prior.nic : n.id if !contains([for m in self.nic : "${m.network}/${m.bandwidth}"], "${n.network}/${n.bandwidth}") && !(n.network_type == "PublicShared" && length([for x in prior.nic : x if x.network_type == "PublicShared"]) == 1 && length([for x in self.nic : x if x.network_type == "PublicShared"]) == 1)]
      path     = "/servers/${self.id}/nics/${each.value}"
      accept   = ["404"]
    }
    request "create" {
      use      = "server_change"
      for_each = [for m in self.nic : m if !contains([for n in prior.nic : "${n.network}/${n.bandwidth}"], "${m.network}/${m.bandwidth}") && !(m.network_type == "PublicShared" && length([for x in prior.nic : x if x.network_type == "PublicShared"]) == 1 && length([for x in self.nic : x if x.network_type == "PublicShared"]) == 1)]
      method   = "POST"
      path     = "/servers/${self.id}/nics"
      body = {
        bandwidth_mbps = each.value.network_type == "PublicShared" ? each.value.bandwidth : null
        network_id     = each.value.network_type == "PublicShared" ? null : each.value.network
      }
    }
  }
  update "tags" {
    attributes = ["tags"]
    request "add" {
      use      = "tag"
      for_each = setsubtract(self.tags, try(coalesce(prior.tags, []), []))
      path     = "/servers/${self.id}/tags"
    }
    request "remove" {
      use  = "untag"
      path = "/servers/${self.id}/tags/${each.value}"
    }
  }

  delete {
    request "delete" {
      use  = "removal"
      path = "/servers/${self.id}"
    }
  }

  # Locations tell their limits; one that is not listed has none that are known.
  offer "location" {
    path = "/locations"
    item = one([for l in try(response.locations[*], []) : l if l.id == self.location])
    check {
      attributes = ["location", "cpu"]
      condition  = contains(offer.cpu_quantity_options, self.cpu)
      message    = "A server in ${self.location} has ${join(", ", offer.cpu_quantity_options)} processors, not ${self.cpu}."
    }
    check {
      attributes = ["location", "ram"]
      condition  = contains(offer.ram_size_options, self.ram)
      message    = "A server in ${self.location} has ${join(", ", offer.ram_size_options)} MB of memory, not ${self.ram}."
    }
    check {
      attributes = ["location", "image", "boot_volume_size"]
      condition  = self.boot_volume_size >= (startswith(lower(self.image), "windows") ? offer.windows_system_volume_min : offer.system_volume_min) && self.boot_volume_size <= offer.volume_max
      message    = "A boot volume with ${self.image} in ${self.location} has ${startswith(lower(self.image), "windows") ? offer.windows_system_volume_min : offer.system_volume_min} to ${offer.volume_max} MB, not ${self.boot_volume_size}."
    }
    check {
      attributes = ["location", "volume"]
      condition  = alltrue([for v in self.volume : v.size >= offer.additional_volume_min && v.size <= offer.volume_max])
      message    = "A further volume in ${self.location} has ${offer.additional_volume_min} to ${offer.volume_max} MB."
    }
    check {
      attributes = ["location", "nic"]
      condition  = alltrue([for n in self.nic : n.bandwidth >= offer.bandwidth_min && n.bandwidth <= offer.bandwidth_max if n.network_type == "PublicShared"])
      message    = "A public interface in ${self.location} has ${offer.bandwidth_min} to ${offer.bandwidth_max} Mbit/s."
    }
  }

  import "<id>" {}

  # Servers carry no unique name; the one that is new and fits is taken.
  recover {
    match   = item.name == self.name && item.location_id == self.location && item.image_id == self.image
    created = item.created
    confirm = response.cpu == self.cpu && response.ram == self.ram
  }
}
