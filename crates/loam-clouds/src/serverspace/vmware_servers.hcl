# The VMware Cloud section, a product of its own: ids are numbers, and an id of the other
# sections never fits here.

template "vmware_task" {
  use     = "created"
  timeout = "40m"
}

template "vmware_id" {
  type     = number
  computed = true
}

template "vmware_server_id" {
  type      = number
  required  = true
  on_change = "replace"
  from      = []
}

template "vmware_bandwidth" {
  type        = number
  description = "Mbit/s."
  validate {
    condition = value > 0 && floor(value) == value
    message   = "The bandwidth is a number of Mbit/s above 0."
  }
}

template "vmware_text_any" {
  type        = string
  default     = "any"
  description = "\"any\", or what it is restricted to."
  normalize   = lower(value)
}

# A rule of a firewall; what it may do is told by each firewall itself.
template "vmware_rule" {
  nesting   = "list"
  from      = "rules"
  normalize = [for r in value : { for k, v in r : k => v == null ? "any" : k == "name" ? v : lower(v) }]
  attribute "name" {
    type     = string
    required = true
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

resource "serverspace_vmware_server" {
  description = "A virtual server of the VMware section. Its further volumes and interfaces are resources of their own."
  exclusive   = try("vmware server ${self.id}", null)

  attribute "id" {
    use = "vmware_id"
  }
  attribute "name" {
    type     = string
    required = true
    validate {
      condition = trimspace(value) != ""
      message   = "The server needs a name."
    }
  }
  attribute "location_id" {
    type        = number
    optional    = true
    computed    = true
    on_change   = "replace"
    description = "See the data source serverspace_vmware_locations."
  }
  attribute "image_id" {
    type        = number
    optional    = true
    computed    = true
    on_change   = "replace"
    description = "See the data source serverspace_vmware_images."
  }
  attribute "cpu" {
    type     = number
    optional = true
    computed = true
    validate {
      condition = value >= 1 && floor(value) == value
      message   = "A server needs at least one CPU."
    }
  }
  attribute "ram_mb" {
    type     = number
    optional = true
    computed = true
    validate {
      condition = value >= 1 && floor(value) == value
      message   = "The memory is a number of MB, such as 4096."
    }
  }
  attribute "system_disk_mb" {
    type        = number
    optional    = true
    computed    = true
    description = "MB; it can only grow."
    validate {
      condition = value >= 1 && floor(value) == value
      message   = "The size is a number of MB, such as 51200."
    }
  }
  attribute "system_disk_type" {
    type        = string
    optional    = true
    computed    = true
    on_change   = "replace"
    description = "See disk_types of the data source serverspace_vmware_locations."
  }
  attribute "computer_name" {
    type        = string
    optional    = true
    computed    = true
    normalize   = upper(value)
    description = "The name in the system; upper and lower case are the same."
  }
  attribute "network_bandwidth_mbps" {
    use      = "vmware_bandwidth"
    optional = true
    computed = true
    from     = "nics"
    decode   = one([for n in value : try(n.bandwidth_mbps, null) if try(n.is_primary, false)])
  }
  attribute "public_network_id" {
    type        = number
    optional    = true
    computed    = true
    on_change   = "replace"
    from        = "nics"
    decode      = one([for n in value : n.network_id if try(n.is_primary, false) && try(n.bandwidth_mbps, null) == null])
    description = "A public network of the project for the first interface, instead of network_bandwidth_mbps."
  }
  attribute "ssh_key_ids" {
    type        = set(number)
    optional    = true
    on_change   = "replace"
    from        = []
    description = "Cannot be read."
  }
  block "gpu" {
    nesting     = "single"
    on_change   = "replace"
    description = "A graphics card, see the data source serverspace_vmware_gpu_models."
    attribute "model_id" {
      type     = number
      required = true
    }
    attribute "vram_mb" {
      type     = number
      required = true
    }
    attribute "card_count" {
      type     = number
      required = true
    }
  }
  attribute "nested_hypervisor" {
    type     = bool
    optional = true
    computed = true
  }
  attribute "need_sysprep" {
    type      = bool
    optional  = true
    on_change = "replace"
    from      = []
  }
  attribute "backup_enabled" {
    type      = bool
    optional  = true
    on_change = "replace"
    from      = []
  }
  attribute "backup_period" {
    type      = number
    optional  = true
    on_change = "replace"
    from      = []
  }
  attribute "copy_from_server_id" {
    type        = number
    optional    = true
    on_change   = "replace"
    from        = []
    description = "Makes a copy of this server instead of a new one."
  }
  attribute "state" {
    type     = string
    computed = true
    volatile = true
  }
  attribute "is_power_on" {
    type     = bool
    computed = true
    volatile = true
  }
  attribute "ip_addresses" {
    type     = list(string)
    computed = true
    volatile = true
    from     = ""
    decode   = compact([for n in try(response.nics[*], []) : try(n.ip, null)])
  }
  attribute "created" {
    type     = string
    computed = true
  }

  validate {
    condition = config.copy_from_server_id != null || !contains([for v in [config.location_id, config.image_id, config.cpu, config.ram_mb, config.system_disk_mb] : v == null], true)
    message   = "A new server needs location_id, image_id, cpu, ram_mb and system_disk_mb; a copy needs copy_from_server_id."
  }
  validate {
    condition = config.copy_from_server_id != null || (config.public_network_id == null) != (config.network_bandwidth_mbps == null)
    message   = "The first interface is in the shared network (network_bandwidth_mbps) or in a network of the project (public_network_id): give one of them."
  }
  validate {
    condition = config.copy_from_server_id == null || (config.image_id == null && config.location_id == null && config.system_disk_type == null && config.gpu == null && config.ssh_key_ids == null)
    message   = "A copy has the location_id, image_id, system_disk_type, gpu and ssh_key_ids of its source: leave them out."
  }
  validate {
    condition = config.gpu == null || config.nested_hypervisor != true
    message   = "A server with a graphics card has no nested_hypervisor."
  }
  change {
    condition = prior.system_disk_mb == null || self.system_disk_mb >= prior.system_disk_mb
    message   = "A disk can only grow: system_disk_mb has to be at least what it is."
  }

  timeouts {
    create = "60m"
    update = "40m"
    delete = "40m"
  }

  create {
    request "create" {
      use  = "create"
      when = self.copy_from_server_id == null
      path = "/vmware/servers"
      body = {
        location_id            = self.location_id
        name                   = self.name
        computer_name          = self.computer_name
        image_id               = self.image_id
        cpu_count              = self.cpu
        ram_mb                 = self.ram_mb
        system_disk_size_mb    = self.system_disk_mb
        system_disk_type       = self.system_disk_type
        public_network_id      = self.public_network_id
        network_bandwidth_mbps = self.network_bandwidth_mbps
        ssh_keys               = self.ssh_key_ids
        need_sysprep           = self.need_sysprep
        backup_enabled         = self.backup_enabled
        backup_period          = self.backup_period
        nested_hypervisor      = self.nested_hypervisor
        gpu                    = self.gpu == null ? null : { gpu_model_id = self.gpu.model_id, vram_mb = self.gpu.vram_mb, card_count = self.gpu.card_count }
      }
      result = { id = response.server_id }
    }
    request "copy" {
      use    = "create"
      when   = self.copy_from_server_id != null
      path   = "/vmware/servers/${self.copy_from_server_id}/copy"
      body   = { name = self.name }
      result = { id = response.server_id }
    }
    wait "task" {
      use          = "vmware_task"
      usually      = "240s"
      list_pending = item.state == "creating"
      result = {
        id = one([for r in response.task.resources : r.id if r.type == "server"])
      }
    }
    wait "active" {
      path         = "/vmware/servers/${self.id}"
      interval     = "5s"
      delay        = "1s"
      timeout      = "40m"
      list_pending = item.state == "creating"
      tolerate     = ["404"]
      tolerate_for = "1m"
      object       = response.server
      done         = contains(["active", "powered_off"], response.server.state)
      failed       = contains(["error", "deleting", "suspended", "need_money"], response.server.state)
      reason       = "the server's state is ${response.server.state}"
      progress     = response.server.state
      expect {
        condition = can(response.server.state)
        message   = "The answer to a question for a server has no \"server\" with a \"state\"."
      }
    }
    # A copy has the sizes of its source at first.
    request "resize" {
      use  = "vmware_change"
      when = config.copy_from_server_id != null && (coalesce(config.cpu, self.cpu) != self.cpu || coalesce(config.ram_mb, self.ram_mb) != self.ram_mb || coalesce(config.system_disk_mb, self.system_disk_mb) != self.system_disk_mb)
      path = "/vmware/servers/${self.id}"
      body = { cpu = coalesce(config.cpu, self.cpu), ram_mb = coalesce(config.ram_mb, self.ram_mb), system_disk_size_mb = coalesce(config.system_disk_mb, self.system_disk_mb) }
    }
    request "sizes" {
      method = "GET"
      when   = config.copy_from_server_id != null
      path   = "/vmware/servers/${self.id}"
      object = response.server
    }
  }

  read {
    request "details" {
      path   = "/vmware/servers/${self.id}"
      object = response.server
    }
  }

  # Deleted servers stay readable for some minutes.
  gone_when = try(response.server.state, response.state, "") == "deleting"

  list {
    path       = "/vmware/servers"
    items      = try(response.servers, [])
    item_key   = tostring(item.id)
    key        = tostring(self.id)
    attributes = ["id", "name", "location_id", "image_id", "cpu", "ram_mb", "system_disk_mb", "system_disk_type", "computer_name", "network_bandwidth_mbps", "public_network_id", "gpu", "nested_hypervisor", "state", "is_power_on", "ip_addresses", "created"]
  }

  update "name" {
    attributes = ["name"]
    request "rename" {
      use  = "vmware_change"
      path = "/vmware/servers/${self.id}/name"
      body = { name = self.name }
    }
  }
  update "computer_name" {
    attributes = ["computer_name"]
    request "rename" {
      use  = "vmware_change"
      path = "/vmware/servers/${self.id}/computer-name"
      body = { computer_name = self.computer_name }
    }
  }
  update "size" {
    attributes = ["cpu", "ram_mb", "system_disk_mb"]
    request "resize" {
      use  = "vmware_change"
      path = "/vmware/servers/${self.id}"
      body = { cpu = self.cpu, ram_mb = self.ram_mb, system_disk_size_mb = self.system_disk_mb }
    }
  }
  update "bandwidth" {
    attributes = ["network_bandwidth_mbps"]
    request "nics" {
      method = "GET"
      path   = "/vmware/servers/${self.id}/nics"
    }
    request "bandwidth" {
      use      = "vmware_change"
      for_each = [for n in step.nics.nics : n if try(n.is_primary, false)]
      path     = "/vmware/servers/${self.id}/nics/${each.value.id}"
      body     = { network_id = each.value.network_id, bandwidth_mbps = self.network_bandwidth_mbps }
    }
  }
  # A call that changes nothing answers without a task.
  update "nested_hypervisor" {
    attributes = ["nested_hypervisor"]
    request "switch" {
      use    = "vmware_change"
      method = "POST"
      path   = "/vmware/servers/${self.id}/nested-hypervisor/${self.nested_hypervisor ? "enable" : "disable"}"
    }
  }

  delete {
    request "delete" {
      use    = "vmware_change"
      method = "DELETE"
      path   = "/vmware/servers/${self.id}"
    }
  }

  import "<id>" {}

  recover {
    match   = item.name == self.name && item.state != "deleting" && (self.location_id == null || item.location_id == self.location_id)
    created = item.created
  }
}
