resource "terraform_data" "b" {
  count = 1
  input = 1
}
moved {
  from = terraform_data.a
  to   = terraform_data.b
}
moved {
  from = terraform_data.b
  to   = terraform_data.b[0]
}
