resource "terraform_data" "s" {
  input = 3
}
moved {
  from = terraform_data.r
  to   = terraform_data.s
}
