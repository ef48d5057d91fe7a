# Isolated networks, SSH keys and affinity groups.

resource "serverspace_isolated_network" {
  description = "An isolated network."
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
      message   = "The network needs a name."
    }
  }
  attribute "description" {
    type     = string
    required = true
    decode   = value == null ? "" : value
    keep     = true
  }
  attribute "location" {
    type      = string
    required  = true
    on_change = "replace"
    from      = "location_id"
  }
  attribute "network_prefix" {
    type        = string
    optional    = true
    computed    = true
    on_change   = "replace"
    description = "First address of the network, such as 10.0.0.0; without it and mask the service chooses both."
    validate {
      condition = can(cidrhost("${value}/32", 0)) && !strcontains(value, ":")
      message   = "The network_prefix is an IPv4 address such as 10.0.0.0; the length of the prefix is the argument mask."
    }
  }
  attribute "mask" {
    type        = number
    optional    = true
    computed    = true
    on_change   = "replace"
    description = "Length of the prefix, such as 24."
    validate {
      condition = value >= 1 && value <= 32 && floor(value) == value
      message   = "The mask is the length of the prefix, such as 24."
    }
  }
  attribute "tags" {
    use = "tags"
  }
  attribute "server_ids" {
    type     = set(string)
    computed = true
    volatile = true
    from     = ""
    decode   = try(compact(response.server_ids), [])
  }
  attribute "gateway_ids" {
    type     = set(string)
    computed = true
    volatile = true
    from     = ""
    decode   = try(compact(response.gateway_ids), [])
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
    condition = (config.network_prefix == null) == (config.mask == null)
    message   = "network_prefix and mask are given together, or neither."
  }
  validate {
    condition = config.network_prefix == null || config.mask == null || try(cidrhost("${config.network_prefix}/${config.mask}", 0) == config.network_prefix, true)
    message   = "The network_prefix has to be the first address of its network: 10.9.0.0 with mask 24, not 10.9.0.1."
  }

  timeouts {
    create = "20m"
    delete = "20m"
  }

  create {
    request "create" {
      use  = "create"
      path = "/networks/isolated"
      body = {
        name           = self.name
        description    = self.description
        location_id    = self.location
        network_prefix = self.network_prefix
        mask           = self.mask
      }
    }
    wait "task" {
      use = "created"
      result = {
        id = try(response.task.network_id, one([for r in response.task.resources : r.id if r.type == "network"]))
      }
    }
    wait "active" {
      path         = "/networks/isolated/${self.id}"
      interval     = "5s"
      delay        = "0s"
      timeout      = "10m"
      tolerate     = ["404"]
      tolerate_for = "1m"
      done         = try(response.isolated_network.state, "Active") == "Active"
      expect {
        condition = can(response.isolated_network.id)
        message   = "The answer to a question for a network has no \"isolated_network\" with an \"id\"."
      }
    }
    request "tag" {
      use      = "tag"
      for_each = try(self.tags[*], [])
      path     = "/networks/isolated/${self.id}/tags"
    }
  }

  read {
    request "details" {
      path   = "/networks/isolated/${self.id}"
      object = response.isolated_network
    }
  }

  list {
    path       = "/networks/isolated"
    items      = try(response.isolated_networks, [])
    item_key   = item.id
    key        = self.id
    attributes = ["id", "name", "description", "location", "network_prefix", "mask", "tags", "server_ids", "gateway_ids", "state", "created"]
  }

  # Answers with the network; an older deployment may answer with a task.
  update "names" {
    attributes = ["name", "description"]
    request "update" {
      use  = "change"
      path = "/networks/isolated/${self.id}"
      body = { name = self.name, description = self.description }
    }
  }
  update "tags" {
    attributes = ["tags"]
    request "add" {
      use      = "tag"
      for_each = setsubtract(self.tags, try(coalesce(prior.tags, []), []))
      path     = "/networks/isolated/${self.id}/tags"
    }
    request "remove" {
      use  = "untag"
      path = "/networks/isolated/${self.id}/tags/${each.value}"
    }
  }

  # Refused while something is connected; a network that is gone already is answered
  # with 500 and looked for then.
  delete {
    request "delete" {
      use  = "removal"
      path = "/networks/isolated/${self.id}"
    }
  }

  import "<id>" {}

  recover {
    match   = item.name == self.name && item.location_id == self.location
    created = item.created
  }
}

resource "serverspace_ssh" {
  description = "An SSH key. It cannot be changed."

  attribute "id" {
    type     = string
    computed = true
  }
  attribute "name" {
    type      = string
    required  = true
    on_change = "replace"
    validate {
      condition = value != ""
      message   = "The key needs a name."
    }
  }
  attribute "public_key" {
    type      = string
    required  = true
    on_change = "replace"
    # Line ends, indentation and the marks of a heredoc make no difference.
    normalize = replace(join("", [for l in split("\n", replace(value, "\r", "")) : trimspace(l)]), "/<<[~-]?EOT|EOT/", "")
    validate {
      condition = can(regex("^(ssh-|ecdsa-|sk-|---- BEGIN SSH2 PUBLIC KEY)", trimspace(replace(value, "/<<[~-]?EOT/", ""))))
      message   = "The public_key has the form \"ssh-ed25519 AAAA… comment\", or is an SSH2 block that begins with \"---- BEGIN SSH2 PUBLIC KEY ----\"."
    }
  }

  create {
    request "create" {
      path = "/ssh-keys"
      body = {
        name       = self.name
        public_key = trimspace(join("\n", [for l in split("\n", replace(self.public_key, "\r", "")) : trimspace(l) if !can(regex("^(<<[~-]?)?EOT$", trimspace(l)))]))
      }
      object = try(response.ssh_key, response)
    }
  }

  read {
    request "details" {
      path   = "/ssh-keys/${self.id}"
      object = try(response.ssh_key, response)
    }
  }

  list {
    path       = "/ssh-keys"
    items      = try(response.ssh_keys, response.ssh_key, [])
    item_key   = tostring(item.id)
    key        = self.id
    attributes = ["id", "name", "public_key"]
  }

  delete {
    request "delete" {
      path = "/ssh-keys/${self.id}"
    }
  }

  import "<id>" {}

  recover {
    match = item.name == self.name && trimspace(item.public_key) == trimspace(self.public_key)
  }
}

resource "serverspace_affinity_group" {
  description = "A group of servers that run on one host, or on different hosts. Servers join at creation."

  attribute "id" {
    type     = string
    computed = true
  }
  attribute "name" {
    type      = string
    required  = true
    on_change = "replace"
    validate {
      condition = length(value) >= 1 && length(value) <= 25
      message   = "The name has 1 to 25 characters."
    }
  }
  attribute "location" {
    type      = string
    required  = true
    on_change = "replace"
    from      = "location_id"
  }
  attribute "affinity" {
    type        = bool
    required    = true
    on_change   = "replace"
    description = "true: on one host; false: on different hosts."
  }
  attribute "server_ids" {
    type     = set(string)
    computed = true
    volatile = true
    from     = ""
    decode   = try(compact(response.server_ids), [])
  }

  create {
    request "create" {
      path   = "/affinity-groups"
      body   = { name = self.name, location_id = self.location, affinity = self.affinity }
      object = try(response.affinity_group, response)
    }
  }

  read {
    request "details" {
      path   = "/affinity-groups/${self.id}"
      object = response.affinity_group
    }
  }

  list {
    path       = "/affinity-groups"
    items      = try(response.affinity_groups, [])
    item_key   = item.id
    key        = self.id
    attributes = ["id", "name", "location", "affinity", "server_ids"]
  }

  delete {
    request "delete" {
      use  = "removal"
      path = "/affinity-groups/${self.id}"
    }
  }

  import "<id>" {}

  recover {
    match = item.name == self.name && item.location_id == self.location
  }
}
