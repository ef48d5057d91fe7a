# The Kubernetes section, which the vendor keeps alive and no more. Its requests are not
# published: these are made after the answers.

template "cluster_change" {
  use = "change"
  wait "active" {
    use = "cluster"
  }
}

template "cluster" {
  path     = "/k8s_clusters/${self.id}"
  interval = "10s"
  delay    = "1s"
  timeout  = "60m"
  usually  = "60s"
  done     = contains(["Active", "Running"], try(response.kubernetes_cluster.state, "Active"))
  failed   = contains(["Blocked", "Failed", "Error"], try(response.kubernetes_cluster.state, ""))
  reason   = "the cluster's state is ${response.kubernetes_cluster.state}"
  progress = response.kubernetes_cluster.state
}

resource "serverspace_kubernetes_cluster" {
  description = "A Kubernetes cluster with its groups of nodes."
  exclusive   = self.id

  attribute "id" {
    type     = string
    computed = true
  }
  attribute "name" {
    type      = string
    required  = true
    on_change = "replace"
  }
  attribute "location" {
    type      = string
    required  = true
    on_change = "replace"
    from      = "location_id"
  }
  attribute "version" {
    type        = string
    required    = true
    description = "See the data source serverspace_kubernetes_versions; it only goes up."
  }
  attribute "high_availability" {
    type      = bool
    default   = false
    on_change = "replace"
  }
  block "node_group" {
    nesting     = "list"
    min         = 1
    from        = "node_groups"
    description = "Nodes of one size. Groups are told apart by their names."
    # Groups come in any order: those that are known keep their places.
    decode = concat(
      flatten([for w in try(self.node_group[*], []) : [for g in value : { id = g.id, name = g.name, cpu_per_node = g.cpu_per_node, ram_per_node = g.ram_per_node, number_of_nodes = g.number_of_nodes } if g.name == w.name]]),
      [for g in value : { id = g.id, name = g.name, cpu_per_node = g.cpu_per_node, ram_per_node = g.ram_per_node, number_of_nodes = g.number_of_nodes } if !contains([for w in try(self.node_group[*], []) : w.name], g.name)]
    )
    attribute "id" {
      type     = string
      computed = true
    }
    attribute "name" {
      type     = string
      required = true
    }
    attribute "cpu_per_node" {
      type     = number
      required = true
    }
    attribute "ram_per_node" {
      type        = number
      required    = true
      description = "MB."
    }
    attribute "number_of_nodes" {
      type     = number
      required = true
      validate {
        condition = value >= 1 && floor(value) == value
        message   = "A group has at least one node."
      }
    }
  }
  attribute "tags" {
    type     = set(string)
    optional = true
    computed = true
    from     = ""
    decode   = try(compact(response.tags), [])
  }
  attribute "state" {
    type     = string
    computed = true
    volatile = true
  }
  validate {
    condition = length(distinct([for g in config.node_group : g.name])) == length(config.node_group)
    message   = "Every node_group needs a name of its own."
  }
  change {
    condition = alltrue(flatten([for w in self.node_group : [for g in prior.node_group : w.cpu_per_node == g.cpu_per_node && w.ram_per_node == g.ram_per_node if w.name == g.name]]))
    message   = "The size of the nodes of a group does not change: give the group of the new size another name."
  }

  timeouts {
    create = "60m"
    update = "60m"
    delete = "60m"
  }

  create {
    request "create" {
      use  = "create"
      path = "/k8s_clusters"
      body = {
        name              = self.name
        location_id       = self.location
        version           = self.version
        high_availability = self.high_availability
        node_groups       = [for g in self.node_group : { name = g.name, cpu_per_node = g.cpu_per_node, ram_per_node = g.ram_per_node, number_of_nodes = g.number_of_nodes }]
      }
      result = { id = try(response.kubernetes_cluster.id, response.k8s_cluster_id, response.cluster_id) }
    }
    wait "task" {
      use     = "created"
      timeout = "60m"
      usually = "300s"
      result = {
        id = try(response.task.k8s_cluster_id, one([for r in response.task.resources : r.id if r.type == "cluster"]))
      }
    }
    wait "active" {
      use      = "cluster"
      tolerate = ["404"]
    }
    request "tag" {
      use      = "tag"
      for_each = try(self.tags[*], [])
      path     = "/k8s_clusters/${self.id}/tags"
    }
  }

  read {
    request "details" {
      path   = "/k8s_clusters/${self.id}"
      object = response.kubernetes_cluster
    }
  }

  list {
    path       = "/k8s_clusters"
    items      = try(response.kubernetes_clusters, [])
    item_key   = item.id
    key        = self.id
    attributes = ["id", "name", "location", "version", "high_availability", "node_group", "tags", "state"]
  }

  update "version" {
    attributes = ["version"]
    request "update" {
      use  = "cluster_change"
      path = "/k8s_clusters/${self.id}"
      body = { version = self.version }
    }
  }
  update "groups" {
    attributes = ["node_group"]
    request "add" {
      use      = "cluster_change"
      for_each = [for w in self.node_group : w if !contains([for g in prior.node_group : g.name], w.name)]
      method   = "POST"
      path     = "/k8s_clusters/${self.id}/node_groups"
      body     = { name = each.value.name, cpu_per_node = each.value.cpu_per_node, ram_per_node = each.value.ram_per_node, number_of_nodes = each.value.number_of_nodes }
    }
    request "resize" {
      use      = "cluster_change"
      for_each = flatten([for w in self.node_group : [for g in prior.node_group : { id = g.id, nodes = w.number_of_nodes } if g.name == w.name && g.number_of_nodes != w.number_of_nodes]])
      path     = "/k8s_clusters/${self.id}/node_groups/${each.value.id}"
      body     = { number_of_nodes = each.value.nodes }
    }
    request "delete" {
      use      = "cluster_change"
      for_each = [for g in prior.node_group : g.id if !contains([for w in self.node_group : w.name], g.name)]
      method   = "DELETE"
      path     = "/k8s_clusters/${self.id}/node_groups/${each.value}"
      query    = { return_task = true }
      accept   = ["404"]
    }
  }
  update "tags" {
    attributes = ["tags"]
    request "add" {
      use      = "tag"
      for_each = setsubtract(self.tags, try(coalesce(prior.tags, []), []))
      path     = "/k8s_clusters/${self.id}/tags"
    }
    request "remove" {
      use  = "untag"
      path = "/k8s_clusters/${self.id}/tags/${each.value}"
    }
  }

  delete {
    request "delete" {
      use  = "removal"
      path = "/k8s_clusters/${self.id}"
    }
  }

  import "<id>" {}

  recover {
    match = item.name == self.name && item.location_id == self.location
  }
}

data "serverspace_kubernetes_versions" {
  description = "The versions that a cluster can have, or that a cluster can go to."
  attribute "cluster_id" {
    type     = string
    optional = true
    from     = []
  }
  attribute "versions" {
    type     = list(string)
    computed = true
  }
  request "versions" {
    path   = self.cluster_id == null ? "/k8s_versions" : "/k8s_clusters/${urlencode(self.cluster_id)}/k8s_versions"
    result = { versions = [for v in try(response.versions[*], []) : try(tostring(v), v.version, v.id)] }
  }
}

data "serverspace_kubernetes_clusters" {
  description = "The Kubernetes clusters."
  choose      = "clusters"
  attribute "clusters" {
    type = list(object({
      id                = string
      name              = string
      location          = string
      version           = string
      high_availability = bool
      state             = string
      tags              = list(string)
      node_groups = list(object({
        id              = string
        name            = string
        cpu_per_node    = number
        ram_per_node    = number
        number_of_nodes = number
        state           = string
      }))
    }))
    computed = true
  }
  request "clusters" {
    path   = "/k8s_clusters"
    result = { clusters = [for c in try(response.kubernetes_clusters[*], []) : merge(c, { location = c.location_id, tags = try(c.tags[*], []) })] }
  }
}
