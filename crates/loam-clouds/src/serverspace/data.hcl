# Data sources. Those that give a list take filter and sort blocks.

data "serverspace_project" {
  description = "The project that the key belongs to."
  attribute "id" {
    type     = string
    computed = true
  }
  attribute "balance" {
    type     = number
    computed = true
  }
  attribute "currency" {
    type     = string
    computed = true
  }
  attribute "state" {
    type     = string
    computed = true
  }
  attribute "created" {
    type     = string
    computed = true
  }
  request "project" {
    path   = "/project"
    object = response.project
  }
}

data "serverspace_locations" {
  description = "The locations with their limits."
  choose      = "locations"
  attribute "locations" {
    type = list(object({
      name                      = string
      system_volume_min         = number
      windows_system_volume_min = number
      additional_volume_min     = number
      volume_max                = number
      bandwidth_min             = number
      bandwidth_max             = number
      cpu_quantity_options      = list(number)
      ram_size_options          = list(number)
    }))
    computed = true
  }
  request "locations" {
    path   = "/locations"
    result = { locations = [for l in try(response.locations[*], []) : merge(l, { name = l.id })] }
  }
}

data "serverspace_images" {
  description = "The images, or those of a location. An image is there once for each location."
  choose      = "images"
  attribute "location" {
    type     = string
    optional = true
    from     = []
  }
  attribute "images" {
    type = list(object({
      id             = string
      location       = string
      type           = string
      os_version     = string
      architecture   = string
      allow_ssh_keys = bool
    }))
    computed = true
  }
  request "images" {
    path   = "/images"
    query  = { location_id = self.location }
    result = { images = [for i in try(response.images[*], []) : merge(i, { location = try(i.location_id, null) })] }
  }
}

data "serverspace_applications" {
  description = "The applications that servers can be made with. An application is there once for each location."
  choose      = "applications"
  attribute "location" {
    type     = string
    optional = true
    from     = []
  }
  attribute "application_id" {
    type     = string
    optional = true
    from     = []
  }
  attribute "image" {
    type     = string
    optional = true
    from     = []
  }
  attribute "applications" {
    type = list(object({
      id                     = string
      location               = string
      images                 = list(string)
      category               = string
      documentation_url      = string
      credentials_mode       = string
      llm_key_enabled        = bool
      recommended_cpu        = number
      recommended_ram_mb     = number
      recommended_storage_mb = number
      parameters = list(object({
        name     = string
        required = bool
        default  = string
        secret   = bool
        llm_kind = string
      }))
    }))
    computed = true
  }
  request "applications" {
    path   = "/applications"
    query  = { location_id = self.location, application_id = self.application_id, image_id = self.image }
    result = { applications = [for a in try(response.applications[*], []) : merge(a, { location = try(a.location_id, null) })] }
  }
}

data "serverspace_task" {
  description = "A task."
  attribute "id" {
    type     = string
    required = true
  }
  attribute "type" {
    type     = string
    computed = true
  }
  attribute "is_completed" {
    type        = string
    computed    = true
    description = "New, InProgress, Completed, Failed or Canceled."
  }
  attribute "progress_percent" {
    type     = number
    computed = true
  }
  attribute "location" {
    type     = string
    computed = true
    from     = "location_id"
  }
  attribute "created" {
    type     = string
    computed = true
  }
  attribute "completed" {
    type     = string
    computed = true
  }
  attribute "resources" {
    type     = list(object({ type = string, id = string }))
    computed = true
  }
  request "task" {
    path   = "/tasks/${self.id}"
    object = try(response.task, response)
  }
}

data "serverspace_servers" {
  description = "The servers."
  choose      = "servers"
  attribute "servers" {
    type = list(object({
      id                  = string
      name                = string
      location            = string
      image               = string
      state               = string
      is_power_on         = bool
      cpu                 = number
      ram                 = number
      boot_volume_size    = number
      boot_volume_id      = number
      volumes             = list(object({ id = number, name = string, size = number }))
      public_ip_addresses = list(string)
      nics                = set(object({ id = number, network = string, network_type = string, bandwidth = number, ip_address = string }))
      ssh_keys            = list(number)
      affinity_group_id   = string
      tags                = list(string)
      created             = string
    }))
    computed = true
  }
  request "servers" {
    path = "/servers"
    result = { servers = [for s in try(response.servers[*], []) : merge(s, {
      location            = s.location_id
      image               = try(s.image_id, null)
      ram                 = s.ram_mb
      boot_volume_size    = one([for v in try(s.volumes[*], []) : v.size_mb if v.name == "boot"])
      boot_volume_id      = one([for v in try(s.volumes[*], []) : v.id if v.name == "boot"])
      volumes             = [for v in try(s.volumes[*], []) : { id = v.id, name = v.name, size = v.size_mb } if v.name != "boot"]
      public_ip_addresses = sort(compact([for n in try(s.nics[*], []) : try(n.ip_address, null) if n.network_type == "PublicShared"]))
      nics                = [for n in try(s.nics[*], []) : { id = n.id, network = n.network_type == "PublicShared" ? "" : n.network_id, network_type = n.network_type, bandwidth = try(coalesce(n.bandwidth_mbps, 0), 0), ip_address = try(n.ip_address, null) }]
      ssh_keys            = try(s.ssh_key_ids[*], [])
      tags                = try(s.tags[*], [])
    })] }
  }
}

data "serverspace_server" {
  description = "One server."
  attribute "id" {
    type     = string
    required = true
  }
  attribute "name" {
    type     = string
    computed = true
  }
  attribute "location" {
    type     = string
    computed = true
    from     = "location_id"
  }
  attribute "image" {
    type     = string
    computed = true
    from     = "image_id"
  }
  attribute "state" {
    type     = string
    computed = true
  }
  attribute "is_power_on" {
    type     = bool
    computed = true
  }
  attribute "cpu" {
    type     = number
    computed = true
  }
  attribute "ram" {
    type     = number
    computed = true
    from     = "ram_mb"
  }
  attribute "boot_volume_size" {
    type     = number
    computed = true
    from     = ""
    decode   = one([for v in try(response.volumes[*], []) : v.size_mb if v.name == "boot"])
  }
  attribute "boot_volume_id" {
    type     = number
    computed = true
    from     = ""
    decode   = one([for v in try(response.volumes[*], []) : v.id if v.name == "boot"])
  }
  attribute "volumes" {
    type     = list(object({ id = number, name = string, size = number }))
    computed = true
    from     = ""
    decode   = [for v in try(response.volumes[*], []) : { id = v.id, name = v.name, size = v.size_mb } if v.name != "boot"]
  }
  attribute "public_ip_addresses" {
    type     = list(string)
    computed = true
    from     = ""
    decode   = sort(compact([for n in try(response.nics[*], []) : try(n.ip_address, null) if n.network_type == "PublicShared"]))
  }
  attribute "nics" {
    type     = set(object({ id = number, network = string, network_type = string, bandwidth = number, ip_address = string }))
    computed = true
    from     = ""
    decode   = [for n in try(response.nics[*], []) : { id = n.id, network = n.network_type == "PublicShared" ? "" : n.network_id, network_type = n.network_type, bandwidth = try(coalesce(n.bandwidth_mbps, 0), 0), ip_address = try(n.ip_address, null) }]
  }
  attribute "ssh_keys" {
    type     = list(number)
    computed = true
    from     = ""
    decode   = try(response.ssh_key_ids[*], [])
  }
  attribute "affinity_group_id" {
    type     = string
    computed = true
  }
  attribute "tags" {
    use = "tags_there"
  }
  attribute "applications" {
    description = "What became of the applications that the server was made with."
    type = list(object({
      id             = string
      state          = string
      outcome_reason = string
      installed_at   = string
      addresses      = list(object({ service = string, address = string }))
      app_login      = string
    }))
    computed = true
    from     = ""
    decode   = try(response.application_installations[*], [])
  }
  attribute "created" {
    type     = string
    computed = true
  }
  request "server" {
    path   = "/servers/${self.id}"
    object = response.server
  }
}

data "serverspace_server_price" {
  description = "What a server would cost a month, in the currency of the project."
  attribute "location" {
    type     = string
    required = true
    from     = []
  }
  attribute "image" {
    type     = string
    required = true
    from     = []
  }
  attribute "cpu" {
    type     = number
    required = true
    from     = []
  }
  attribute "ram" {
    type     = number
    required = true
    from     = []
  }
  attribute "boot_volume_size" {
    type     = number
    required = true
    from     = []
  }
  attribute "volume_sizes" {
    type        = list(number)
    optional    = true
    from        = []
    description = "MB of each further volume."
  }
  attribute "bandwidths" {
    type        = list(number)
    optional    = true
    from        = []
    description = "Mbit/s of each public interface; if not set, one with the least bandwidth."
  }
  attribute "price" {
    type     = number
    computed = true
  }
  request "price" {
    method     = "POST"
    idempotent = true
    path       = "/servers/price"
    body = {
      location_id = self.location
      image_id    = self.image
      cpu         = self.cpu
      ram_mb      = self.ram
      volumes     = concat([{ name = "boot", size_mb = self.boot_volume_size }], [for i, size in try(self.volume_sizes[*], []) : { name = "volume${i + 1}", size_mb = size }])
      networks    = self.bandwidths == null ? null : [for b in self.bandwidths : { bandwidth_mbps = b }]
    }
    result = { price = response.price }
  }
}

data "serverspace_snapshots" {
  description = "The snapshots of a server."
  choose      = "snapshots"
  attribute "server_id" {
    type     = string
    required = true
    from     = []
  }
  attribute "snapshots" {
    type     = list(object({ id = number, name = string, size_mb = number, created = string }))
    computed = true
  }
  request "snapshots" {
    path   = "/servers/${self.server_id}/snapshots"
    result = { snapshots = try(response.snapshots[*], []) }
  }
}

data "serverspace_backup_storages" {
  description = "Where the backups of a location or of a server can be kept, and how many."
  choose      = "storages"
  attribute "location" {
    type     = string
    optional = true
    from     = []
  }
  attribute "image" {
    type     = string
    optional = true
    from     = []
  }
  attribute "server_id" {
    type     = string
    optional = true
    from     = []
  }
  attribute "storages" {
    type = list(object({
      id                   = number
      name                 = string
      description          = string
      price_per_gb         = number
      location             = string
      restore_location_ids = list(string)
    }))
    computed = true
  }
  attribute "schedule_window_from_hour" {
    type     = number
    computed = true
  }
  attribute "schedule_window_to_hour" {
    type     = number
    computed = true
  }
  attribute "daily" {
    type     = object({ max_keep = number, default_keep = number })
    computed = true
  }
  attribute "weekly" {
    type     = object({ max_keep = number, default_keep = number })
    computed = true
  }
  attribute "monthly" {
    type     = object({ max_keep = number, default_keep = number })
    computed = true
  }
  validate {
    condition = (config.location == null) != (config.server_id == null)
    message   = "Give either location (and image) or server_id."
  }
  request "storages" {
    path  = self.server_id == null ? "/backup/storages" : "/servers/${urlencode(self.server_id)}/backup/storages"
    query = { location_id = self.location, image_id = self.image }
    result = {
      storages                  = [for s in try(response.storages[*], []) : merge(s, { location = try(s.location_id, null) })]
      schedule_window_from_hour = response.limits.schedule_window_from_hour
      schedule_window_to_hour   = response.limits.schedule_window_to_hour
      daily                     = response.limits.daily
      weekly                    = response.limits.weekly
      monthly                   = response.limits.monthly
    }
  }
}

data "serverspace_restore_points" {
  description = "The backups of a server that it can be taken back to."
  choose      = "restore_points"
  attribute "server_id" {
    type     = string
    required = true
    from     = []
  }
  attribute "restore_points" {
    type = list(object({
      id                = number
      name              = string
      size_mb           = number
      backup_storage_id = number
      state             = string
      created           = string
      retained_by       = list(string)
      keep_until        = string
      is_manual         = bool
    }))
    computed = true
  }
  request "points" {
    path   = "/servers/${self.server_id}/backup/restore-points"
    result = { restore_points = try(response.restore_points[*], []) }
  }
}

data "serverspace_networks" {
  description = "The isolated networks."
  choose      = "networks"
  attribute "networks" {
    type = list(object({
      id             = string
      name           = string
      location       = string
      description    = string
      network_prefix = string
      mask           = number
      server_ids     = list(string)
      gateway_ids    = list(string)
      state          = string
      tags           = list(string)
      created        = string
    }))
    computed = true
  }
  request "networks" {
    path = "/networks/isolated"
    result = { networks = [for n in try(response.isolated_networks[*], []) : merge(n, {
      location    = n.location_id
      server_ids  = try(n.server_ids[*], [])
      gateway_ids = try(n.gateway_ids[*], [])
      tags        = try(n.tags[*], [])
    })] }
  }
}

data "serverspace_network" {
  description = "One isolated network."
  attribute "id" {
    type     = string
    required = true
  }
  attribute "name" {
    type     = string
    computed = true
  }
  attribute "location" {
    type     = string
    computed = true
    from     = "location_id"
  }
  attribute "description" {
    type     = string
    computed = true
  }
  attribute "network_prefix" {
    type     = string
    computed = true
  }
  attribute "mask" {
    type     = number
    computed = true
  }
  attribute "server_ids" {
    type     = list(string)
    computed = true
    from     = ""
    decode   = try(compact(response.server_ids), [])
  }
  attribute "gateway_ids" {
    type     = list(string)
    computed = true
    from     = ""
    decode   = try(compact(response.gateway_ids), [])
  }
  attribute "state" {
    type     = string
    computed = true
  }
  attribute "tags" {
    use = "tags_there"
  }
  request "network" {
    path   = "/networks/isolated/${self.id}"
    object = response.isolated_network
  }
}

data "serverspace_ssh_keys" {
  description = "The SSH keys."
  choose      = "ssh_keys"
  attribute "ssh_keys" {
    type     = list(object({ id = number, name = string, public_key = string }))
    computed = true
  }
  request "ssh_keys" {
    path   = "/ssh-keys"
    result = { ssh_keys = try(response.ssh_keys, response.ssh_key, []) }
  }
}

data "serverspace_ssh_key" {
  description = "One SSH key."
  attribute "id" {
    type     = number
    required = true
  }
  attribute "name" {
    type     = string
    computed = true
  }
  attribute "public_key" {
    type     = string
    computed = true
  }
  request "ssh_key" {
    path   = "/ssh-keys/${self.id}"
    object = try(response.ssh_key, response)
  }
}

data "serverspace_domains" {
  description = "The DNS zones."
  choose      = "domains"
  attribute "domains" {
    type     = list(object({ name = string, is_delegated = bool }))
    computed = true
  }
  request "domains" {
    path   = "/domains"
    result = { domains = try(response.domains[*], []) }
  }
}

data "serverspace_domain" {
  description = "One DNS zone."
  attribute "name" {
    type     = string
    required = true
    from     = []
  }
  attribute "is_delegated" {
    type     = bool
    computed = true
  }
  request "domain" {
    path   = "/domains/${self.name}"
    object = response.domain
  }
}

data "serverspace_domain_records" {
  description = "The records of a DNS zone."
  choose      = "records"
  attribute "domain" {
    type     = string
    required = true
    from     = []
  }
  attribute "records" {
    type = list(object({
      id               = string
      name             = string
      type             = string
      ttl              = string
      ip               = string
      mail_host        = string
      priority         = number
      canonical_name   = string
      name_server_host = string
      text             = string
      protocol         = string
      service          = string
      weight           = number
      port             = number
      target           = string
    }))
    computed = true
  }
  request "records" {
    path   = "/domains/${self.domain}/records"
    result = { records = try(response.records[*], []) }
  }
}

data "serverspace_domain_record" {
  description = "One record of a DNS zone, as the API tells it."
  attribute "domain" {
    type     = string
    required = true
    from     = []
  }
  attribute "id" {
    type     = string
    required = true
    from     = []
  }
  attribute "name" {
    type     = string
    computed = true
  }
  attribute "type" {
    type     = string
    computed = true
  }
  attribute "ttl" {
    type     = string
    computed = true
  }
  attribute "ip" {
    type     = string
    computed = true
  }
  attribute "mail_host" {
    type     = string
    computed = true
  }
  attribute "priority" {
    type     = number
    computed = true
  }
  attribute "canonical_name" {
    type     = string
    computed = true
  }
  attribute "name_server_host" {
    type     = string
    computed = true
  }
  attribute "text" {
    type     = string
    computed = true
  }
  attribute "protocol" {
    type     = string
    computed = true
  }
  attribute "service" {
    type     = string
    computed = true
  }
  attribute "weight" {
    type     = number
    computed = true
  }
  attribute "port" {
    type     = number
    computed = true
  }
  attribute "target" {
    type     = string
    computed = true
  }
  request "record" {
    path   = "/domains/${self.domain}/records/${self.id}"
    object = response.record
  }
}

data "serverspace_gateways" {
  description = "The gateways, or those of a location."
  choose      = "gateways"
  attribute "location" {
    type     = string
    optional = true
    from     = []
  }
  attribute "gateways" {
    type = list(object({
      id             = string
      name           = string
      location       = string
      state          = string
      powered_on     = bool
      nics           = list(object({ id = number, network_id = string, ip_address = string, bandwidth_mbps = number }))
      firewall_rules = list(object({ action = string, direction = string, protocol = string, source = string, source_port = number, destination = string, destination_port = number }))
      nat_rules      = list(object({ type = string, protocol = string, source = string, destination = string, destination_port = number, translated = string, translated_port = number }))
      tags           = list(string)
      created        = string
    }))
    computed = true
  }
  request "gateways" {
    path   = "/gateways"
    query  = { location_id = self.location }
    result = { gateways = [for g in try(response.gateways[*], []) : merge(g, { location = g.location_id, tags = try(g.tags[*], []) })] }
  }
}

data "serverspace_gateway" {
  description = "One gateway."
  attribute "id" {
    type     = string
    required = true
  }
  attribute "name" {
    type     = string
    computed = true
  }
  attribute "location" {
    type     = string
    computed = true
    from     = "location_id"
  }
  attribute "state" {
    type     = string
    computed = true
  }
  attribute "powered_on" {
    type     = bool
    computed = true
  }
  attribute "nics" {
    type     = list(object({ id = number, network_id = string, ip_address = string, bandwidth_mbps = number }))
    computed = true
  }
  attribute "firewall_rules" {
    type     = list(object({ action = string, direction = string, protocol = string, source = string, source_port = number, destination = string, destination_port = number }))
    computed = true
  }
  attribute "nat_rules" {
    type     = list(object({ type = string, protocol = string, source = string, destination = string, destination_port = number, translated = string, translated_port = number }))
    computed = true
  }
  attribute "tags" {
    use = "tags_there"
  }
  attribute "created" {
    type     = string
    computed = true
  }
  request "gateway" {
    path   = "/gateways/${self.id}"
    object = response.gateway
  }
}

data "serverspace_affinity_groups" {
  description = "The affinity groups, or those of a location."
  choose      = "affinity_groups"
  attribute "location" {
    type     = string
    optional = true
    from     = []
  }
  attribute "affinity_groups" {
    type = list(object({
      id         = string
      name       = string
      location   = string
      affinity   = bool
      server_ids = list(string)
    }))
    computed = true
  }
  request "groups" {
    path   = "/affinity-groups"
    query  = { location_id = self.location }
    result = { affinity_groups = [for g in try(response.affinity_groups[*], []) : merge(g, { location = g.location_id, server_ids = try(g.server_ids[*], []) })] }
  }
}

data "serverspace_affinity_group" {
  description = "One affinity group."
  attribute "id" {
    type     = string
    required = true
  }
  attribute "name" {
    type     = string
    computed = true
  }
  attribute "location" {
    type     = string
    computed = true
    from     = "location_id"
  }
  attribute "affinity" {
    type     = bool
    computed = true
  }
  attribute "server_ids" {
    type     = list(string)
    computed = true
    from     = ""
    decode   = try(compact(response.server_ids), [])
  }
  request "group" {
    path   = "/affinity-groups/${self.id}"
    object = response.affinity_group
  }
}
