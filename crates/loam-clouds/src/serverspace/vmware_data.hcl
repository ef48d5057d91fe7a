# The VMware Cloud section: data sources.

data "serverspace_vmware_locations" {
  description = "The locations of the VMware section."
  choose      = "locations"
  attribute "locations" {
    type = list(object({
      id                          = number
      tech_title                  = string
      gpu_supported               = bool
      nested_hypervisor_supported = bool
      disk_types = list(object({
        title                      = string
        is_default                 = bool
        is_ssd                     = bool
        is_allowed_for_system_disk = bool
        min_mb                     = number
        max_mb                     = number
        step_mb                    = number
        default_size_mb            = number
      }))
    }))
    computed = true
  }
  request "locations" {
    path   = "/vmware/locations"
    result = { locations = try(response.locations[*], []) }
  }
}

data "serverspace_vmware_images" {
  description = "The images of the VMware section."
  choose      = "images"
  attribute "location_id" {
    type     = number
    optional = true
    from     = []
  }
  attribute "gpu" {
    type     = string
    optional = true
    from     = []
    validate {
      condition = contains(["required", "unsupported"], value)
      message   = "It is \"required\" or \"unsupported\"."
    }
  }
  attribute "images" {
    type = list(object({
      id                      = number
      name                    = string
      os_family               = string
      os_type                 = string
      min_ram_mb              = number
      hdd_gb                  = number
      ssh_key_supported       = bool
      cpu_hot_add             = bool
      memory_hot_add          = bool
      nic_hot_remove          = bool
      is_gpu_only             = bool
      supported_gpu_model_ids = list(number)
    }))
    computed = true
  }
  request "images" {
    path   = "/vmware/images"
    query  = { location_id = self.location_id, gpu = self.gpu }
    result = { images = try(response.images[*], []) }
  }
}

data "serverspace_vmware_gpu_models" {
  description = "The graphics cards of the VMware section; model, memory and number of cards together are the key."
  choose      = "gpu_models"
  attribute "location_id" {
    type     = number
    optional = true
    from     = []
  }
  attribute "gpu_models" {
    type = list(object({
      id                      = number
      tech_title              = string
      name                    = string
      capacity_vram_mb        = number
      gpu_card_count          = number
      server_allocation_limit = number
      max_server_ram_mb       = number
      is_available            = bool
    }))
    computed = true
  }
  request "models" {
    path   = "/vmware/gpu-models"
    query  = { location_id = self.location_id }
    result = { gpu_models = try(response.gpu_models[*], []) }
  }
}

data "serverspace_vmware_servers" {
  description = "The servers of the VMware section, or those of a location."
  choose      = "servers"
  attribute "location_id" {
    type     = number
    optional = true
    from     = []
  }
  attribute "servers" {
    type = list(object({
      id                = number
      name              = string
      computer_name     = string
      location_id       = number
      image_id          = number
      state             = string
      cpu               = number
      ram_mb            = number
      system_disk_mb    = number
      system_disk_type  = string
      is_power_on       = bool
      nested_hypervisor = bool
      nics              = list(object({ id = number, number = number, is_primary = bool, network_id = number, ip = string, mac = string, bandwidth_mbps = number }))
      created           = string
    }))
    computed = true
  }
  request "servers" {
    path   = "/vmware/servers"
    query  = { location_id = self.location_id }
    result = { servers = try(response.servers[*], []) }
  }
}

data "serverspace_vmware_server" {
  description = "One server of the VMware section."
  attribute "id" {
    type     = number
    required = true
  }
  attribute "name" {
    type     = string
    computed = true
  }
  attribute "computer_name" {
    type     = string
    computed = true
  }
  attribute "location_id" {
    type     = number
    computed = true
  }
  attribute "image_id" {
    type     = number
    computed = true
  }
  attribute "state" {
    type     = string
    computed = true
  }
  attribute "cpu" {
    type     = number
    computed = true
  }
  attribute "ram_mb" {
    type     = number
    computed = true
  }
  attribute "system_disk_mb" {
    type     = number
    computed = true
  }
  attribute "system_disk_type" {
    type     = string
    computed = true
  }
  attribute "is_power_on" {
    type     = bool
    computed = true
  }
  attribute "vm_tools_installed" {
    type     = bool
    computed = true
  }
  attribute "nested_hypervisor" {
    type     = bool
    computed = true
  }
  attribute "nics" {
    type     = list(object({ id = number, number = number, is_primary = bool, network_id = number, ip = string, mac = string, bandwidth_mbps = number }))
    computed = true
  }
  attribute "created" {
    type     = string
    computed = true
  }
  request "server" {
    path   = "/vmware/servers/${self.id}"
    object = response.server
  }
}

data "serverspace_vmware_networks" {
  description = "The networks of the VMware section."
  choose      = "networks"
  attribute "location_id" {
    type     = number
    optional = true
    from     = []
  }
  attribute "type" {
    type        = string
    optional    = true
    from        = []
    description = "private_client, routed_client, public_client, public_shared or public_shared_ipv6."
    validate {
      condition = contains(["private_client", "routed_client", "public_client", "public_shared", "public_shared_ipv6"], value)
      message   = "The type is private_client, routed_client, public_client, public_shared or public_shared_ipv6."
    }
  }
  attribute "networks" {
    type = list(object({
      id               = number
      location_id      = number
      type             = string
      name             = string
      address          = string
      mask             = number
      gateway          = string
      edge_external_ip = string
      bandwidth_mbps   = number
      is_dhcp          = bool
      shared           = bool
      state            = string
      nics_count       = number
    }))
    computed = true
  }
  request "networks" {
    path   = "/vmware/networks"
    query  = { location_id = self.location_id, type = self.type }
    result = { networks = try(response.networks[*], []) }
  }
}

data "serverspace_vmware_network" {
  description = "One network of the VMware section."
  attribute "id" {
    type     = number
    required = true
  }
  attribute "location_id" {
    type     = number
    computed = true
  }
  attribute "type" {
    type     = string
    computed = true
  }
  attribute "name" {
    type     = string
    computed = true
  }
  attribute "address" {
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
  attribute "edge_external_ip" {
    type     = string
    computed = true
  }
  attribute "bandwidth_mbps" {
    type     = number
    computed = true
  }
  attribute "is_dhcp" {
    type     = bool
    computed = true
  }
  attribute "state" {
    type     = string
    computed = true
  }
  attribute "nics_count" {
    type     = number
    computed = true
  }
  request "network" {
    path   = "/vmware/networks/${self.id}"
    object = response.network
  }
}
