import {
  for_each = toset([{ k = "a", id = "1" }, { k = "b", id = "2" }])
  to       = terraform_data.x[each.value.k]
  id       = each.value.id
}
resource "terraform_data" "x" {
  for_each = toset(["a", "b"])
}
