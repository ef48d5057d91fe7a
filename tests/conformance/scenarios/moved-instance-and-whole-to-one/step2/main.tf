resource "terraform_data" "b" { for_each = toset(["x", "y"]) }
moved {
  from = terraform_data.a[1]
  to   = terraform_data.b["x"]
}
moved {
  from = terraform_data.a
  to   = terraform_data.b
}
