resource "terraform_data" "s" { for_each = { x = 1 } }
moved {
  from = terraform_data.r[0]
  to = terraform_data.s["x"]
}
