import {
  for_each = ["id-a", "id-b"]
  to       = terraform_data.x[each.key]
  id       = each.value
}
resource "terraform_data" "x" {
  count = 2
}
