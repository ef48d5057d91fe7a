resource "terraform_data" "d" {
  input = 2
}
resource "terraform_data" "b" {
  input = 2
}
moved {
  from = terraform_data.c
  to   = terraform_data.d
}
