module "m" {
  for_each = toset(["k", "l"])
  source = "./m"
}
import {
  for_each = toset(["k"])
  to = module.m[each.key].terraform_data.a[0]
  id = "q-${each.key}"
}
