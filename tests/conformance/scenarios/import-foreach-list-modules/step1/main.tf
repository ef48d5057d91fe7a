locals {
  l = [{ m = "p", i = 0, id = "1" }, { m = "q", i = 1, id = "2" }]
}
import {
  for_each = local.l
  to       = module.m[each.value.m].terraform_data.x[each.value.i]
  id       = "id-${each.key}-${each.value.id}"
}
module "m" {
  source   = "./m"
  for_each = toset(["p", "q"])
}
